/** Histories as short lines: "0 invoke write 1" is process 0 that invokes write with 1. */

/** As EDN maps, one a line. */
export const edn = (...lines: readonly string[]): string =>
  lines
    .map((line) => {
      const [process, type, f, ...value] = line.split(' ');
      return `{:process ${process}, :type :${type}, :f :${f}, :value ${value.join(' ') || 'nil'}}`;
    })
    .join('\n');
export const log = (...lines: readonly string[]): string =>
  lines
    .map((line) => {
      const [process, type, f, ...value] = line.split(' ');
      return `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${value.join(' ') || 'nil'}`;
    })
    .join('\n');
