/**
 * About how many bytes an image takes for itself, cheaply: a checkpoint must not cost a walk over
 * everything that it shares.
 *
 * Typed arrays count by their length, lists and maps by their entries. Of many entries a few are
 * looked at and the rest are taken to be like them. An object of a class is asked, if it can answer
 * (`imageBytes`); otherwise it is taken to be shared.
 */
const REFERENCE = 8;
const OBJECT = 24;
const MAP_ENTRY = 24;
/** Of a list or map so many entries are looked at. */
const SAMPLES = 4;
/** Deeper parts of an image are small, or shared. */
const DEPTH_MAX = 8;

/** Implemented by a class whose copies take room of their own. */
export interface SizedImage {
  imageBytes(): number;
}

export function imageBytes(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength + OBJECT;
  if (Array.isArray(value)) return OBJECT + ofList(value, depth);
  if (value instanceof Map) return OBJECT + ofMap(value, depth);
  if (value instanceof Set) return OBJECT + value.size * MAP_ENTRY;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const sized = value as Partial<SizedImage>;
    return typeof sized.imageBytes === 'function' ? sized.imageBytes() : 0;
  }
  let bytes = OBJECT;
  for (const field of Object.values(value)) bytes += REFERENCE + imageBytes(field, depth + 1);
  return bytes;
}

function ofList(list: readonly unknown[], depth: number): number {
  const count = list.length;
  const looked = Math.min(count, SAMPLES);
  let sum = 0;
  for (let i = 0; i < looked; i++) {
    sum += imageBytes(list[Math.trunc((i * count) / looked)], depth + 1);
  }
  return count * REFERENCE + (looked === 0 ? 0 : Math.round((sum / looked) * count));
}

function ofMap(map: ReadonlyMap<unknown, unknown>, depth: number): number {
  let looked = 0;
  let sum = 0;
  for (const item of map.values()) {
    if (looked === SAMPLES) break;
    sum += imageBytes(item, depth + 1);
    looked += 1;
  }
  return map.size * MAP_ENTRY + (looked === 0 ? 0 : Math.round((sum / looked) * map.size));
}
