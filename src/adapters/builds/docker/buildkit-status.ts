import { type Field, fieldsOf } from './wire.ts';

/** What BuildKit says of a build's progress: `moby.buildkit.v1.StatusResponse`, as far as a person cares. */
export interface BuildKitStatus {
  readonly steps: readonly StepStatus[];
  readonly logs: readonly { readonly step: string; readonly data: Buffer }[];
  readonly warnings: readonly string[];
}

export interface StepStatus {
  readonly id: string;
  readonly name: string;
  readonly cached: boolean;
  /** ms since the epoch */
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly error: string;
}

/** Field numbers: moby/buildkit api/services/control/control.proto. */
export function decodeStatus(message: Buffer): BuildKitStatus {
  const fields = [...fieldsOf(message)];
  const all = (id: number) => fields.filter((field) => field.id === id).map(({ bytes }) => [...fieldsOf(bytes)]);
  return {
    steps: all(1).map(step),
    logs: all(3).map((log) => ({ step: text(log, 1), data: find(log, 4)?.bytes ?? Buffer.alloc(0) })),
    warnings: all(4).map((warning) => text(warning, 3)),
  };
}

function step(fields: readonly Field[]): StepStatus {
  return {
    id: text(fields, 1),
    name: text(fields, 3),
    cached: find(fields, 4)?.number === 1,
    startedAt: time(find(fields, 5)),
    completedAt: time(find(fields, 6)),
    error: text(fields, 7),
  };
}

const find = (fields: readonly Field[], id: number) => fields.find((field) => field.id === id);
const text = (fields: readonly Field[], id: number) => find(fields, id)?.bytes.toString('utf8') ?? '';

function time(field: Field | undefined): number | null {
  if (!field) return null;
  const parts = [...fieldsOf(field.bytes)];
  return (find(parts, 1)?.number ?? 0) * 1000 + (find(parts, 2)?.number ?? 0) / 1e6;
}
