import { SlipwayError } from '../errors.ts';

/** Where one service is reached from another, in an engine's own words. */
export interface ServiceAddress {
  readonly host: string;
  /** Container port → the port to connect to, in the order of the declaration: the first is the one meant by `{service.NAME}`. */
  readonly ports: ReadonlyMap<number, number>;
}

const pattern = /\{\{|\{service\.([A-Za-z0-9._-]+?)(?:\.(host)|\.(port)(?:\.(\d+))?)?\}/g;

/**
 * Fills in `{service.NAME}` (host:port of its first port), `.host`, `.port` and `.port.9090`; `{{` is a brace, and every
 * other text stays as it is. `addressOf` gives `undefined` for a service that is not in the stack.
 * @throws SlipwayError `plan.refused` naming what is not there.
 */
export function resolveReferences(text: string, addressOf: (service: string) => ServiceAddress | undefined): string {
  return text.replaceAll(pattern, (whole, service?: string, host?: string, port?: string, wanted?: string) => {
    if (service === undefined) return '{';
    const address = addressOf(service);
    if (!address)
      throw new SlipwayError('plan.refused', `'${whole}' names a service that is not in the stack`, 'correct the name');
    if (host !== undefined) return address.host;
    const number = portOf(whole, address, wanted);
    return port !== undefined ? String(number) : `${address.host}:${number}`;
  });
}

function portOf(whole: string, address: ServiceAddress, wanted: string | undefined): number {
  const found = wanted === undefined ? [...address.ports.values()][0] : address.ports.get(Number(wanted));
  if (found !== undefined) return found;
  throw new SlipwayError(
    'plan.refused',
    wanted === undefined
      ? `'${whole}' names a service that declares no port`
      : `'${whole}' names a port that the service does not declare`,
    'declare the port under `expose:` or `ports:` of that service',
  );
}
