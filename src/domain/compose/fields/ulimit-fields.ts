import { type Fields, mapOf, object, shortOr } from './field.ts';
import { wholeKept } from './scalar-fields.ts';

export const ulimitFields: Fields = { soft: wholeKept, hard: wholeKept };
export const ulimits = mapOf(shortOr(wholeKept, object(ulimitFields, { required: ['soft', 'hard'] })));
