/** One field of a protocol buffer message: a number, or bytes (text, a message). */
export interface Field {
  readonly id: number;
  readonly number: number;
  readonly bytes: Buffer;
}

const none = Buffer.alloc(0);

/**
 * The fields of an encoded message, in order, without knowing its type. Enough of the wire format for what BuildKit
 * tells of a build, where a code generator would be more than what it makes. A message cut short ends early.
 */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < message.length; factor *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < message.length) {
    const key = varint();
    const id = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { id, number: varint(), bytes: none };
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        yield { id, number: 0, bytes: message.subarray(at, at + length) };
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return;
    }
  }
}

/** A field of text, encoded. Empty text is not written, as in proto3. */
export function textField(id: number, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length === 0 ? none : Buffer.concat([encodeVarint(id * 8 + 2), encodeVarint(bytes.length), bytes]);
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) return Buffer.from(bytes);
  }
}
