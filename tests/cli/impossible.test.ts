/** A document whose topology cannot work is answered in one sentence with its place, and exit 3. */
import { describe, expect, it } from 'vitest';
import { MISTAKES, sound } from '../support/impossible/index.ts';
import { cli, oneSentence } from './support/host.ts';
import { outsideFolder } from './support/files.ts';

const outside = outsideFolder();
const run = (document: object) => {
  outside.write('shop.json', JSON.stringify(document, null, 2));
  return cli(['run', 'shop.json'], { cwd: outside.path });
};

describe('a document', () => {
  it('whose topology works runs', async () => {
    const said = await run(sound());
    expect([said.code, said.err]).toEqual([0, '']);
  });

  it.each(MISTAKES.map((one) => [one.what, one] as const))(
    'with %s is answered with its place',
    async (_what, { spoil, says, hint }) => {
      const document = sound();
      spoil(document);
      const said = await run(document);
      const sentence = oneSentence(said);
      expect(sentence).toMatch(says);
      expect(sentence).toMatch(hint);
      expect(said.err).toMatch(/shop\.json:\d+:\d+/);
      expect(said.err).not.toMatch(/\bat .*\.ts:\d+/);
      expect(said.code).toBe(3);
    },
  );

  it.each([
    ['raft-kv', { electionQuorum: 1, replicationQuorum: 1 }, 'electionQuorum'],
    ['paxos-kv', { phase1Quorum: 1, phase2Quorum: 1 }, 'phase1Quorum'],
  ])(
    'whose quorums only a rule that is off would let pass is one, too',
    async (kind, config, at) => {
      const document = sound();
      (document['groups'] as object[]).push({ name: 'n', component: kind, count: 3, config });
      const said = await run(document);
      const lines = JSON.stringify(document, null, 2).split('\n');
      const line = lines.findIndex((text) => text.includes(at)) + 1;
      expect(oneSentence(said)).toContain(`shop.json:${line}:`);
      expect(said.code).toBe(3);
    },
  );
});
