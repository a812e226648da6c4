/** Docker's multiplexed stream: 8 bytes (kind, 0, 0, 0, length as 32 bits big-endian), then the payload. */
export interface Frame {
  readonly kind: 'stdin' | 'stdout' | 'stderr' | 'engine';
  readonly payload: Buffer;
}

const kinds = ['stdin', 'stdout', 'stderr', 'engine'] as const;
const headerBytes = 8;

/** Gives back what takes chunks as they come and says each frame once it is whole. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= headerBytes) {
      const end = headerBytes + held.readUInt32BE(4);
      if (held.length < end) return;
      onFrame({ kind: kinds[held.readUInt8(0)] ?? 'engine', payload: held.subarray(headerBytes, end) });
      held = held.subarray(end);
    }
  };
}
