/** The head of a CGI answer: status and headers, and the first bytes of the body that came with it. */
export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly rest: Buffer;
}

const mostBytes = 64 * 1024;

/**
 * Reads the header block of a CGI program (RFC 3875, 6.3) from as many pieces as it comes in.
 * @returns a function to give each piece to; it gives the head once it is whole. Over 64 KiB counts as status 502.
 */
export function cgiHeadReader(): (chunk: Buffer) => CgiHead | undefined {
  let seen = Buffer.alloc(0);
  return (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const end = /\r?\n\r?\n/.exec(seen.toString('latin1'));
    if (!end) return seen.length > mostBytes ? { status: 502, headers: [], rest: Buffer.alloc(0) } : undefined;
    return parse(seen.subarray(0, end.index).toString('latin1'), seen.subarray(end.index + end[0].length));
  };
}

function parse(block: string, rest: Buffer): CgiHead {
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 502;
    else headers.push([name, value]);
  }
  return { status, headers, rest };
}
