import type { ComposeService } from './model.ts';

/** Fields of one service that contradict each other: the field, and what is wrong. */
export function serviceLimits(service: ComposeService): readonly (readonly [field: string, message: string])[] {
  const { deploy } = service;
  const limits = deploy?.resources?.limits;
  const reservations = deploy?.resources?.reservations;
  const pairs = [
    ['scale', service.scale, 'deploy.replicas', deploy?.replicas],
    ['mem_limit', service.mem_limit, 'deploy.resources.limits.memory', limits?.memory],
    ['cpus', service.cpus, 'deploy.resources.limits.cpus', limits?.cpus],
    ['pids_limit', service.pids_limit, 'deploy.resources.limits.pids', limits?.pids],
    ['mem_reservation', service.mem_reservation, 'deploy.resources.reservations.memory', reservations?.memory],
  ] as const;
  const found = pairs.flatMap(([field, value, other, otherValue]) =>
    value === undefined || otherValue === undefined || value === otherValue
      ? []
      : [[field, `'${field}' and '${other}' are both there, and differ`] as const],
  );
  const copies = service.scale ?? deploy?.replicas ?? 1;
  if (service.container_name !== undefined && copies > 1) {
    return [...found, ['container_name', `a service with a container name runs once, not ${copies} times`]];
  }
  return [...found, ...watchProblems(service)];
}

function watchProblems(service: ComposeService): readonly (readonly [string, string])[] {
  const watch = service.develop?.watch;
  if (!Array.isArray(watch)) return [];
  return watch.flatMap((entry: { action?: string; target?: string }) =>
    entry.target === undefined && entry.action !== 'rebuild' && entry.action !== 'restart'
      ? [['develop', `a watch with the action '${entry.action}' needs a target`] as const]
      : [],
  );
}
