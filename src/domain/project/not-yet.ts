import type { Finding } from '../plan/change.ts';
import type { EnvironmentConfig, ProjectConfig } from './config.ts';

/** What slipway.yaml asks for and Slipway keeps, but does not do yet: a plan says it, so that nobody relies on it. */
export function notYet(config: ProjectConfig, environment: EnvironmentConfig): readonly Finding[] {
  const where = `environments.${environment.name}`;
  const told = (field: string, message: string): Finding => ({ level: 'differs', service: null, field, message });
  const later = Object.keys(environment.later).sort();
  return [
    ...(Object.keys(config.tags).length > 0 ? [told('tags', 'is kept, but images are not tagged by it yet')] : []),
    ...later.map((key) => told(`${where}.${key}`, meaning[key] ?? 'is kept, but not acted on yet')),
    ...(environment.moreClusters.length === 0
      ? []
      : [
          told(
            `${where}.clusters`,
            `only the first cluster is deployed to yet, not ${environment.moreClusters.join(', ')}`,
          ),
        ]),
  ];
}

const meaning: Readonly<Record<string, string>> = {
  protect: 'is kept, but nothing is protected by it yet: no approval is asked for',
  strategy: 'is kept, but the rollout is a rolling one yet',
  dns: 'is kept, but no DNS record is made yet',
};
