import { within } from '#adapters/within.ts';
import { Trouble } from './trouble.ts';
import { until } from './until.ts';

const askMs = 10_000;
const soonMs = 30_000;

/** Waits until a page answers 200 with a text in it. @throws Trouble with what it answered instead */
export async function pageWith(url: string, text: string, signal: AbortSignal): Promise<void> {
  const look = async (): Promise<true> => {
    const response = await within(signal, { ms: askMs, late: () => new Trouble('it does not answer') }, (limited) =>
      fetch(url, { signal: limited }),
    );
    const body = await response.text();
    if (response.status !== 200) throw new Trouble(`it answers ${response.status}`);
    if (!body.includes(text)) throw new Trouble(`its heading is '${/<h1>(.*?)<\/h1>/.exec(body)?.[1] ?? 'nothing'}'`);
    return true;
  };
  await until(`'${text}' at ${url}`, look, soonMs, signal);
}
