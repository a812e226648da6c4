import type { Finding } from '#domain/plan/change.ts';
import type { ServiceSpec } from '#domain/stack/spec.ts';

type Say = (field: string, message: string) => Finding;

/** Findings about one service, each named after what the service asks for. */
export function findingsOf(service: ServiceSpec): Readonly<Record<Finding['level'], Say>> {
  const say =
    (level: Finding['level']): Say =>
    (field, message) => ({ level, service: service.name, field, message });
  return { refused: say('refused'), differs: say('differs'), note: say('note') };
}
