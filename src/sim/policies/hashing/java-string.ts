/**
 * Java's hash of a string, and the order in which its HashMap visits keys: Kafka's brokers decide
 * by the first which coordinator serves a group, and its assignors by the second who of two equal
 * members keeps the odd partition.
 *
 * Source: the Java SE documentation of String.hashCode; OpenJDK's HashMap.
 */

/** s[0] * 31^(n-1) + ... + s[n-1] over UTF-16 code units, as a signed 32-bit integer. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/**
 * Kafka's absolute value: the least integer, which has none, gives 0, all others what one expects.
 */
function absolute(hash: number): number {
  return hash === -0x80000000 ? 0 : Math.abs(hash);
}

/**
 * The partition of `__consumer_offsets` or `__transaction_state` that an id belongs to: the leader
 * of that partition is the coordinator of the group or transactional id.
 *
 * @param partitions offsets.topic.num.partitions or transaction.state.log.num.partitions: 50
 */
export function coordinatorPartition(id: string, partitions: number): number {
  return absolute(javaHashCode(id)) % partitions;
}

/** A HashMap's buckets to begin with; it doubles them when more than three quarters are filled. */
const BUCKETS = 16;

/**
 * Places of the keys in the order in which a HashMap visits them: bucket by bucket, and within one
 * as they were put in.
 */
export function javaMapOrder(keys: readonly string[]): number[] {
  let buckets = BUCKETS;
  while (keys.length > buckets * 0.75) buckets *= 2;
  const bucketOf = keys.map((key) => {
    const hash = javaHashCode(key);
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  });
  const order = keys.map((_key, index) => index);
  return order.sort((a, b) => bucketOf[a]! - bucketOf[b]! || a - b);
}
