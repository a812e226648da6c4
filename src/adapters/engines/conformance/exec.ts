import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import type { ExecOutput, ExecRequest } from '../contract.ts';
import { needs, type Stage, type StageTest } from './stage.ts';

/** Says back what it reads, and ends when its input does. */
const echo = `process.stdin.on('data', (d) => process.stdout.write('in:' + d)).on('end', () => {
  process.stderr.write(String(process.env.VERSION)); process.exitCode = 7; })`;
/** Says on what it writes, and how large that is from now on. */
const terminal = `const { stdin, stdout } = process;
  const size = () => stdout.write('size ' + stdout.columns + ' ' + stdout.rows + ' ');
  stdout.write('terminal ' + stdin.isTTY + ' ' + stdout.isTTY + ' '); size();
  stdout.on('resize', size);
  stdin.on('data', (d) => { process.stderr.write('typed ' + d); process.exitCode = 3; stdin.unref(); })`;

/** Commands beside instances. */
export function exec(it: StageTest): void {
  conversations(it);
  terminals(it);
  refusals(it);
}

function conversations(it: StageTest): void {
  it('executes a command in an instance, with its input, output and exit code', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { environment: { VERSION: 'seven' } })]));
    const [one] = await stage.settled('web', 1);
    const byService = await ended(stage, { service: 'web', command: ['node', '-e', echo] }, 'some $(text)');
    expect(byService).toEqual({ exitCode: 7, stdout: Buffer.from('in:some $(text)'), stderr: Buffer.from('seven') });
    const asked = { service: 'web', instance: one?.id ?? '', command: ['node', '-p', '1+1'] };
    expect(await ended(stage, asked)).toMatchObject({ exitCode: 0, stdout: Buffer.from('2\n') });
  });

  it('gives what a command writes as it comes, and lets it read what comes', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    const talk = await begin(stage, { service: 'web', command: ['node', '-e', echo] });
    for (const word of ['one', 'two']) {
      talk.input.write(Buffer.from(word));
      await talk.heard(`in:${word}`);
    }
    talk.input.end();
    expect(await talk.exitCode()).toBe(7);
  });

  it('harms no byte of what a command reads and writes, however much it is', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    const bytes = Buffer.from(Array.from({ length: 1_000_003 }, (_, index) => (index * 7 + (index >> 8)) % 256));
    const command = ['node', '-e', 'process.stdin.pipe(process.stdout)'];
    const { exitCode, stdout } = await ended(stage, { service: 'web', command }, bytes);
    expect(exitCode).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });
}

function terminals(it: StageTest): void {
  it('gives a command a terminal, whose size may change', async ({ stage, skip }) => {
    needs(skip, stage, 'terminals');
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    const size = { rows: 33, columns: 99 };
    const talk = await begin(stage, { service: 'web', command: ['node', '-e', terminal], terminal: size });
    await talk.heard('terminal true true');
    await talk.heard('size 99 33');
    talk.input.write({ rows: 44, columns: 77 });
    await talk.heard('size 77 44');
    talk.input.write(Buffer.from('hello\r'));
    await talk.heard('typed hello');
    expect(await talk.exitCode()).toBe(3);
  });

  it('says so where it has no terminal to give', async ({ stage, skip }) => {
    if (stage.engine.can.has('terminals')) skip(`the ${stage.engine.kind} engine has terminals`);
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    const asked = { service: 'web', command: ['node', '-v'], terminal: { rows: 24, columns: 80 } };
    await expect(ended(stage, asked)).rejects.toMatchObject({ code: 'engine.refused', message: /no terminal/ });
  });
}

function refusals(it: StageTest): void {
  it('refuses to execute in what is not there, and what is no program', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    const nobody = ended(stage, { service: 'nobody', command: ['node', '-v'] });
    await expect(nobody).rejects.toMatchObject({ code: 'engine.no_instance' });
    // Docker starts it, and says in its output that there is no such program
    const nothing = ended(stage, { service: 'web', command: ['no-such-program'] });
    const told = await nothing.then(
      ({ exitCode, stdout }) => `${exitCode} ${stdout}`,
      (thrown: Error) => thrown.message,
    );
    expect(told).toContain('no-such-program');
    expect(told).not.toMatch(/^0/);
  });
}

type Asked = Omit<ExecRequest, 'input'>;

/** A command's whole output, once it has ended. */
async function ended(stage: Stage, asked: Asked, said: string | Buffer = '') {
  const input = (async function* () {
    if (said.length > 0) yield Buffer.from(said);
  })();
  const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  let exitCode: number | null = null;
  for await (const output of await stage.engine.exec(stage.name, { ...asked, input }, stage.signal)) {
    if ('exitCode' in output) exitCode = output.exitCode;
    else parts[output.stream].push(output.bytes);
  }
  return { exitCode, stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

/** A command that is talked to: `input` takes bytes and sizes. */
async function begin(stage: Stage, asked: Asked) {
  const input = new PassThrough({ objectMode: true });
  const outputs = await stage.engine.exec(stage.name, { ...asked, input }, stage.signal);
  const iterator = outputs[Symbol.asyncIterator]();
  let text = '';
  const next = async (): Promise<ExecOutput> => {
    const { done, value } = await iterator.next();
    if (done) return expect.fail(`the command ended after '${text}'`);
    if ('bytes' in value) text += Buffer.from(value.bytes).toString();
    return value;
  };
  return {
    input,
    heard: async (words: string): Promise<void> => {
      while (!text.includes(words)) {
        const output = await next();
        if ('exitCode' in output) expect.fail(`it ended with ${output.exitCode} after '${text}'`);
      }
    },
    exitCode: async (): Promise<number> => {
      for (;;) {
        const output = await next();
        if ('exitCode' in output) return output.exitCode;
      }
    },
  };
}
