/**
 * The supervisor of one instance: a small process of its own, so that instances outlive whatever started them. It starts the
 * workload, keeps its output, looks after its health, starts it again, and stops it when the instance's stop file appears.
 * `node supervisor.mjs <instance folder>`. Imports nothing but Node's own modules, to stay small.
 *
 * Two locks make that nothing ever runs twice: the instance's (a second supervisor of it ends at once), and the slot's (the next
 * instance waits until the last one is gone). What a killed supervisor left behind is found by a variable in its environment.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, takeLock } from './lock.ts';
import { LogFile } from './log-file.ts';
import { beat, firstPulse, goodRunMs, untilNext, verdict } from './policy.ts';
import { probe } from './probe.ts';
import { markOf, sweep } from './processes.ts';
import {
  firstState,
  hasEnded,
  type InstanceRecord,
  type InstanceState,
  marker,
  readJson,
  writeJson,
} from './record.ts';
import { type Exit, obstacle, startWorkload, type Workload } from './workload.ts';

/** How one start of the workload went. `left`: it was ended because the supervisor is to leave. */
type Run = { readonly left: boolean; readonly failed: boolean; readonly exit: Exit; readonly lastedMs: number };

const shownFailures = 20;
const interrupted = Symbol('interrupted');

class Supervisor {
  readonly #file: string;
  readonly #record: InstanceRecord;
  readonly #log: LogFile;
  #state: InstanceState;
  #saved = true;
  #halted = false;
  #row = 0;
  #wake: () => void = () => undefined;

  constructor(file: string, record: InstanceRecord) {
    this.#file = file;
    this.#record = record;
    this.#log = new LogFile(record.log.folder, record.log);
    this.#state = readJson<InstanceState>(record.stateFile) ?? firstState(Date.now());
    this.#row = this.#state.failures.length;
  }

  /** Runs until the instance has ended, or until this process is told to leave. */
  async run(): Promise<void> {
    const only = await takeLock(this.#record.locks.instance, () => this.#wake());
    if (only === null || hasEnded(this.#state)) return;
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => this.#halt());
    setInterval(() => this.#saved || this.#save(), 1000).unref();
    this.#tell({ phase: 'waiting', health: 'unchecked', supervisor: markOf(process.pid) });
    const { instance } = this.#record.locks;
    await sweep([`${marker.supervisor}=${instance}`, `${marker.instance}=${instance}`], this.#state.workload);
    if ((await this.#slot()) === null) await this.#end({ phase: this.#halted ? 'halted' : 'stopped', workload: null });
    else await this.#loop();
    this.#log.close();
  }

  async #loop(): Promise<void> {
    const left = [`${marker.slot}=${this.#record.locks.slot}`];
    while (!this.#isToLeave()) {
      await sweep(left, null);
      const run = await this.#once();
      await sweep(left, null);
      if (run.left) break;
      this.#row = run.lastedMs >= goodRunMs ? 1 : this.#row + 1;
      const next = verdict(this.#record.launch, run.failed, this.#row);
      const ended = { exitCode: run.exit.code, workload: null, message: run.exit.message } as const;
      const isFailure = run.failed || next.next === 'restart';
      const failures = isFailure
        ? [...this.#state.failures, { at: Date.now(), message: run.exit.message }].slice(-shownFailures)
        : this.#state.failures;
      if (next.next !== 'restart') return this.#end({ ...ended, failures, phase: next.next });
      const message = `${run.exit.message}; starts again in ${Math.ceil(next.afterMs / 100) / 10} s`;
      this.#tell({ ...ended, failures, message, phase: 'resting' });
      await this.#rest(next.afterMs);
    }
    return this.#end({ phase: this.#halted ? 'halted' : 'stopped', workload: null });
  }

  /** Waits for the slot's last instance to go; `null` when told to leave before. */
  async #slot(): Promise<Lock | null> {
    for (let round = 0; !this.#isToLeave(); round++) {
      const lock = await takeLock(this.#record.locks.slot);
      if (lock !== null) return lock;
      if (round === 5) this.#tell({ phase: 'waiting', message: 'waits for the instance before it to stop' });
      await this.#nap(30);
    }
    return null;
  }

  async #once(): Promise<Run> {
    const why = await obstacle(this.#record);
    if (why !== null) return { left: false, failed: true, exit: { code: null, message: why }, lastedMs: 0 };
    const started = Date.now();
    const workload = startWorkload(this.#record, this.#log);
    this.#tell({
      phase: 'running',
      health: this.#record.launch.health === null ? 'unchecked' : 'starting',
      message: null,
      exitCode: null,
      starts: this.#state.starts + 1,
      workload: workload.mark,
    });
    const end = await this.#watch(workload);
    const lastedMs = Date.now() - started;
    if (end.kind === 'exited') return { left: false, failed: end.exit.code !== 0, exit: end.exit, lastedMs };
    this.#tell({ phase: 'stopping', ...(end.kind === 'unwell' ? { message: end.why } : {}) });
    const exit = await workload.stop();
    if (end.kind === 'left') return { left: true, failed: false, exit, lastedMs };
    return { left: false, failed: true, exit: { code: exit.code, message: end.why }, lastedMs };
  }

  /** Looks after the workload until it ends, is unwell, or has to go. */
  async #watch(
    workload: Workload,
  ): Promise<{ kind: 'exited'; exit: Exit } | { kind: 'unwell'; why: string } | { kind: 'left' }> {
    const { health } = this.#record.launch;
    let exit: Exit | null = null;
    const gone = workload.ended.then((end) => {
      exit = end;
      this.#wake();
      return interrupted;
    });
    let pulse = firstPulse(Date.now());
    let due = Date.now() + 50;
    for (;;) {
      if (exit !== null) return { kind: 'exited', exit };
      if (this.#isToLeave()) return { kind: 'left' };
      if (health !== null && Date.now() >= due) {
        const why = await Promise.race([probe(this.#record, health), gone, this.#called()]);
        if (typeof why === 'symbol') continue;
        pulse = beat(pulse, why === null, Date.now(), health);
        due = Date.now() + untilNext(pulse, health);
        if (pulse.health !== this.#state.health || (why !== null && this.#state.message !== why))
          this.#tell({ health: pulse.health, message: why === null ? null : `not healthy: ${why}` });
        if (pulse.health === 'unhealthy') return { kind: 'unwell', why: `unhealthy: ${why}` };
      }
      await this.#nap(Math.min(1000, health === null ? 1000 : Math.max(0, due - Date.now())));
    }
  }

  #isToLeave(): boolean {
    return this.#halted || existsSync(this.#record.stopFile) || !existsSync(this.#file);
  }

  #halt(): void {
    this.#halted = true;
    this.#wake();
  }

  /** Settles when somebody pokes this supervisor. */
  #called(): Promise<typeof interrupted> {
    return new Promise((resolve) => {
      this.#wake = () => resolve(interrupted);
    });
  }

  async #nap(ms: number): Promise<void> {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), this.#called()]);
  }

  async #rest(ms: number): Promise<void> {
    const until = Date.now() + ms;
    while (Date.now() < until && !this.#isToLeave()) await this.#nap(Math.min(1000, until - Date.now()));
  }

  #tell(change: Partial<InstanceState>): void {
    const since = change.phase !== undefined && change.phase !== this.#state.phase ? Date.now() : this.#state.since;
    this.#state = { ...this.#state, since, ...change };
    this.#save();
  }

  #save(): void {
    try {
      writeJson(this.#record.stateFile, this.#state);
      this.#saved = true;
    } catch {
      this.#saved = false;
    }
  }

  /** The last word: tried until it is written, unless the instance's folder was removed meanwhile. */
  async #end(change: Partial<InstanceState>): Promise<void> {
    this.#tell({ health: 'unchecked', message: null, ...change, supervisor: null });
    while (!this.#saved && existsSync(this.#file)) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      this.#save();
    }
  }
}

const folder = process.argv[2];
const file = join(folder ?? '', 'instance.json');
const record = folder === undefined ? null : readJson<InstanceRecord>(file);
if (record === null) process.exit(2);
await new Supervisor(file, record).run();
process.exit(0);
