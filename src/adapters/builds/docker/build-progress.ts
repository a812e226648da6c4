import { linesShown } from '../build-failed.ts';
import { keepLast, type LastLines, type LineSplitter, splitLines } from '../lines.ts';
import { decodeStatus, type StepStatus } from './buildkit-status.ts';

/** What a build came to, once its stream has ended. */
export interface BuildEnd {
  readonly imageId: string | null;
  readonly error: string | null;
  /** The step that failed, as the Dockerfile has it. */
  readonly step: string | null;
  /** The failing step's last lines; the build's where the step is not known. */
  readonly lines: readonly string[];
}

/** Follows the engine's messages of one build, BuildKit's or the classic builder's, and passes on readable lines. */
export interface BuildProgress {
  /** One JSON message of the stream. */
  message(message: unknown): void;
  end(): BuildEnd;
}

interface Step {
  readonly number: number;
  name: string;
  shown: 'no' | 'started' | 'ended';
  readonly last: LastLines;
  readonly output: LineSplitter;
}

/** Reads the engine’s stream of a build: passes its output on as lines, and keeps its image id and its error. */
export function followBuild(line: (text: string) => void): BuildProgress {
  const all = keepLast(linesShown, line);
  const steps = followSteps(all);
  const classic = splitLines((text) => classicLine(text));
  let classicStep: string | null = null;
  let imageId: string | null = null;
  let error: string | null = null;

  function classicLine(text: string): void {
    const name = /^Step \d+\/\d+ : (.*)$/.exec(text)?.[1];
    if (name !== undefined) classicStep = name;
    all.add(text);
  }

  return {
    message(message) {
      const said = read(message);
      if (said.id === 'moby.buildkit.trace' && typeof said.aux === 'string') return steps.trace(said.aux);
      const id = read(said.aux).ID;
      if (typeof id === 'string') imageId = id;
      if (typeof said.stream === 'string') classic.write(Buffer.from(said.stream));
      else if (typeof said.status === 'string' && said.progressDetail === undefined) classicLine(statusLine(said));
      if (typeof said.error === 'string') error ??= said.error;
    },
    end() {
      classic.end();
      const failed = steps.end();
      const lines = failed ? failed.last.lines() : all.lines();
      return { imageId, error, step: failed?.name ?? classicStep, lines };
    },
  };
}

interface Steps {
  /** One message of BuildKit's. */
  trace(base64: string): void;
  /** @returns the step that failed */
  end(): Step | null;
}

/** BuildKit's steps, which go on side by side: each with a number, and its lines under it. */
function followSteps(all: LastLines): Steps {
  const steps = new Map<string, Step>();
  let failed: Step | null = null;

  function stepOf(id: string): Step {
    const known = steps.get(id);
    if (known) return known;
    const number = steps.size + 1;
    const last = keepLast(linesShown, (text) => all.add(`#${number} ${text}`));
    const made: Step = { number, name: '', shown: 'no', last, output: splitLines(last.add) };
    steps.set(id, made);
    return made;
  }

  function begin(status: StepStatus): void {
    const step = stepOf(status.id);
    step.name ||= status.name;
    if (status.error !== '' && !/context canceled/.test(status.error)) failed ??= step;
    if (status.startedAt === null || step.shown !== 'no') return;
    step.shown = 'started';
    if (!isInternal(step)) all.add(`#${step.number} ${step.name}`);
  }

  function finish(status: StepStatus): void {
    const step = stepOf(status.id);
    if (status.completedAt === null || step.shown !== 'started') return;
    step.shown = 'ended';
    step.output.end();
    if (isInternal(step) || status.error !== '') return;
    const seconds = ((status.completedAt - (status.startedAt ?? status.completedAt)) / 1000).toFixed(1);
    all.add(`#${step.number} ${status.cached ? 'CACHED' : `DONE ${seconds}s`}`);
  }

  return {
    trace(base64) {
      const status = decodeStatus(Buffer.from(base64, 'base64'));
      for (const step of status.steps) begin(step);
      for (const log of status.logs) stepOf(log.step).output.write(log.data);
      for (const warning of status.warnings) all.add(`WARNING: ${warning}`);
      for (const step of status.steps) finish(step);
    },
    end() {
      for (const step of steps.values()) step.output.end();
      return failed;
    },
  };
}

/** BuildKit's own work, such as reading the Dockerfile. */
const isInternal = (step: Step) => step.name.startsWith('[internal]');

function statusLine(said: Record<string, unknown>): string {
  return typeof said.id === 'string' ? `${said.id}: ${String(said.status)}` : String(said.status);
}

function read(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
