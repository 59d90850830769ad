/**
 * Works that more than one scenario rests on.
 */
import type { Source } from 'faultline';

export const RAFT_PAPER: Source = {
  title: 'Ongaro & Ousterhout: In Search of an Understandable Consensus Algorithm (2014)',
  url: 'https://raft.github.io/raft.pdf',
};

export const RAFT_DISSERTATION: Source = {
  title: 'Ongaro: Consensus: Bridging Theory and Practice (dissertation, 2014)',
  url: 'https://github.com/ongardie/dissertation',
};
