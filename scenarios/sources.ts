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

export const METASTABLE: Source = {
  title: 'Huang et al.: Metastable Failures in the Wild (OSDI 2022)',
  url: 'https://www.usenix.org/conference/osdi22/presentation/huang-lexiang',
};

export const SRE_CASCADING: Source = {
  title: 'Site Reliability Engineering, chapter 22: Addressing Cascading Failures',
  url: 'https://sre.google/sre-book/addressing-cascading-failures/',
};

export const BUILDERS_LIBRARY_RETRIES: Source = {
  title: 'Brooker: Timeouts, retries and backoff with jitter (Amazon Builders’ Library)',
  url: 'https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/',
};
