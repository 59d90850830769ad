// seedrandom's types cover its main entry only. That entry patches Math and looks for `crypto`;
// the alea file alone does neither.
declare module 'seedrandom/lib/alea.js' {
  interface Alea {
    (): number;
    int32(): number;
  }
  export default function alea(seed: string): Alea;
}
