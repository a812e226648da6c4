/**
 * What to do about a rollout that failed, by the engine's own reasons. Docker's nodes say 'No such image' of every image that
 * they could not pull, whatever the registry said.
 */
export function rolloutHint(reasons: readonly string[]): string {
  if (reasons.some((why) => /no such image|pull access denied|unauthorized|no basic auth/i.test(why)))
    return 'a node could not pull its image: is it in its registry still, and may this cluster read it? `slipway registry login <host>` keeps credentials';
  return 'see `slipway logs`, mend it and push again';
}
