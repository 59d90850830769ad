/**
 * Strongly connected components: two nodes are in one when each can be reached from the other.
 *
 * Invariant: an edge lies on a cycle exactly when both its ends have the same component.
 *
 * Source: Tarjan 1972, written without recursion, because a history is longer than a stack.
 */
import type { Adjacency } from './graph.ts';

export interface Components {
  readonly of: Int32Array;
  /** How many nodes each component has. */
  readonly size: readonly number[];
}

export function componentsOf(nodes: number, out: Adjacency, to: ArrayLike<number>): Components {
  return new Tarjan(nodes, out, to).run();
}

const UNSEEN = -1;

class Tarjan {
  readonly #nodes: number;
  readonly #out: Adjacency;
  readonly #to: ArrayLike<number>;
  readonly #component: Int32Array;
  readonly #index: Int32Array;
  readonly #low: Int32Array;
  /** Per node on the path: the next of its edges to follow. */
  readonly #cursor: Int32Array;
  readonly #path: Int32Array;
  readonly #stack: Int32Array;
  #stacked = 0;
  #counter = 0;
  readonly #size: number[] = [];

  constructor(nodes: number, out: Adjacency, to: ArrayLike<number>) {
    this.#nodes = nodes;
    this.#out = out;
    this.#to = to;
    this.#component = new Int32Array(nodes).fill(UNSEEN);
    this.#index = new Int32Array(nodes).fill(UNSEEN);
    this.#low = new Int32Array(nodes);
    this.#cursor = new Int32Array(nodes);
    this.#path = new Int32Array(nodes);
    this.#stack = new Int32Array(nodes);
  }

  run(): Components {
    for (let root = 0; root < this.#nodes; root++) {
      if (this.#index[root] === UNSEEN) this.#walk(root);
    }
    return { of: this.#component, size: this.#size };
  }

  #walk(root: number): void {
    let depth = 0;
    this.#enter(root);
    this.#path[0] = root;
    while (depth >= 0) {
      const node = this.#path[depth] ?? 0;
      const cursor = this.#cursor[node] ?? 0;
      if (cursor === (this.#out.start[node + 1] ?? 0)) {
        if (this.#low[node] === this.#index[node]) this.#close(node);
        depth--;
        if (depth >= 0) this.#lower(this.#path[depth] ?? 0, this.#low[node] ?? 0);
        continue;
      }
      this.#cursor[node] = cursor + 1;
      const target = this.#to[this.#out.edge[cursor] ?? 0] ?? 0;
      if (this.#index[target] === UNSEEN) {
        this.#enter(target);
        this.#path[++depth] = target;
      } else if (this.#component[target] === UNSEEN) {
        this.#lower(node, this.#index[target] ?? 0);
      }
    }
  }

  #enter(node: number): void {
    this.#index[node] = this.#counter;
    this.#low[node] = this.#counter++;
    this.#cursor[node] = this.#out.start[node] ?? 0;
    this.#stack[this.#stacked++] = node;
  }

  #lower(node: number, value: number): void {
    if (value < (this.#low[node] ?? 0)) this.#low[node] = value;
  }

  #close(node: number): void {
    const id = this.#size.length;
    let size = 0;
    let top = UNSEEN;
    while (top !== node) {
      top = this.#stack[--this.#stacked] ?? node;
      this.#component[top] = id;
      size++;
    }
    this.#size.push(size);
  }
}
