import type { ComposeService } from './model.ts';

/** Fields of one service that contradict each other: the field, and what is wrong. */
export function serviceLimits(service: ComposeService): readonly (readonly [field: string, message: string])[] {
  const { deploy } = service;
  const limits = deploy?.resources?.limits;
  const reservations = deploy?.resources?.reservations;
  const pairs = [
    ['mem_limit', service.mem_limit, 'deploy.resources.limits.memory', limits?.memory, limits !== undefined],
    ['cpus', service.cpus, 'deploy.resources.limits.cpus', limits?.cpus, limits !== undefined],
    ['pids_limit', service.pids_limit, 'deploy.resources.limits.pids', limits?.pids, limits !== undefined],
    [
      'mem_reservation',
      service.mem_reservation,
      'deploy.resources.reservations.memory',
      reservations?.memory,
      reservations !== undefined,
    ],
  ] as const;
  const found: (readonly [string, string])[] = pairs.flatMap(([field, value, other, otherValue, has]) =>
    value === undefined || !has || value === otherValue
      ? []
      : [[field, `'${field}' and '${other}' are both there, and differ`] as const],
  );
  const begins = service.healthcheck?.test?.[0];
  if (begins !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(begins)) {
    found.push(['healthcheck', `the list 'test' begins with '${begins}', but must with 'CMD', 'CMD-SHELL' or 'NONE'`]);
  }
  if (service.scale !== undefined && deploy?.replicas !== undefined && service.scale !== deploy.replicas) {
    found.push(['scale', "'scale' and 'deploy.replicas' are both there, and differ"]);
  }
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
