// The reference that the event queue is measured against: a 4-ary heap in C++, ordered by
// (time, sequence), and an indexed 4-ary heap where events are cancelled. Both keep sixteen-byte
// entries with the four children of a node in one cache line. The workloads are those of
// bench/hold.ts, bench/cancel.ts and bench/ping-pong.ts, word for word.
//
// usage: reference hold|cancel|pingpong SIZE EVENTS
// Runs half a block to warm up, then a block of EVENTS; prints the hash of the event order and the
// nanoseconds of CPU per event of the block.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

namespace {

constexpr uint32_t TABLE = 65536, MASK = TABLE - 1;

struct Mulberry {
  uint32_t a;
  uint32_t next() {
    a += 0x6D2B79F5u;
    uint32_t t = (a ^ (a >> 15)) * (a | 1u);
    t ^= t + (t ^ (t >> 7)) * (t | 61u);
    return t ^ (t >> 14);
  }
};

int32_t DT[TABLE], TO[TABLE];
uint32_t RD[TABLE];

void fillTables(double mean) {
  Mulberry delays{12345}, timeouts{777}, draws{4242};
  for (uint32_t i = 0; i < TABLE; i++) {
    DT[i] = 1 + (int32_t)std::floor(-std::log((delays.next() + 0.5) / 4294967296.0) * mean);
    TO[i] = 150000 + (int32_t)std::floor(timeouts.next() / 4294967296.0 * 150000);
    RD[i] = draws.next();
  }
}

double cpuNanos() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

struct Entry {
  int64_t time;
  uint32_t sequence, id;
  bool before(const Entry &o) const {
    return time < o.time || (time == o.time && sequence < o.sequence);
  }
};

/** Entries from index 3 on, in memory aligned so that children 4i+1..4i+4 share a cache line. */
struct Storage {
  Entry *at = nullptr;
  uint32_t capacity = 0;
  explicit Storage(uint32_t n) : capacity(n) {
    void *block = std::aligned_alloc(64, ((size_t)(n + 8) * sizeof(Entry) + 127) / 64 * 64);
    at = (Entry *)block + 3;
  }
};

inline uint32_t firstOfFour(const Entry *e, uint32_t child) {
  uint32_t left = child + (e[child + 1].before(e[child]) ? 1 : 0);
  uint32_t right = child + 2 + (e[child + 3].before(e[child + 2]) ? 1 : 0);
  return e[right].before(e[left]) ? right : left;
}

inline uint32_t firstChild(const Entry *e, uint32_t child, uint32_t size) {
  if (child + 3 < size) return firstOfFour(e, child);
  uint32_t best = child;
  for (uint32_t i = child + 1; i < size; i++)
    if (e[i].before(e[best])) best = i;
  return best;
}

struct Heap {
  Storage storage;
  uint32_t size = 0;
  explicit Heap(uint32_t capacity) : storage(capacity) {}

  void push(int64_t time, uint32_t sequence, uint32_t id) {
    Entry *e = storage.at;
    Entry entry{time, sequence, id};
    uint32_t i = size++;
    while (i > 0) {
      uint32_t parent = (i - 1) >> 2;
      if (!entry.before(e[parent])) break;
      e[i] = e[parent];
      i = parent;
    }
    e[i] = entry;
  }

  Entry pop() {
    Entry *e = storage.at;
    Entry top = e[0];
    Entry last = e[--size];
    uint32_t i = 0;
    for (uint32_t child = 1; child < size; child = 4 * i + 1) {
      uint32_t best = firstChild(e, child, size);
      if (!e[best].before(last)) break;
      e[i] = e[best];
      i = best;
    }
    e[i] = last;
    return top;
  }
};

struct IndexedHeap {
  Storage storage;
  std::vector<uint32_t> place;
  uint32_t size = 0;
  IndexedHeap(uint32_t capacity, uint32_t ids) : storage(capacity), place(ids) {}

  void put(uint32_t i, const Entry &entry) {
    storage.at[i] = entry;
    place[entry.id] = i;
  }

  void up(uint32_t i, const Entry &entry) {
    while (i > 0) {
      uint32_t parent = (i - 1) >> 2;
      if (!entry.before(storage.at[parent])) break;
      put(i, storage.at[parent]);
      i = parent;
    }
    put(i, entry);
  }

  void down(uint32_t i, const Entry &entry) {
    for (uint32_t child = 4 * i + 1; child < size; child = 4 * i + 1) {
      uint32_t best = firstChild(storage.at, child, size);
      if (!storage.at[best].before(entry)) break;
      put(i, storage.at[best]);
      i = best;
    }
    put(i, entry);
  }

  void push(int64_t time, uint32_t sequence, uint32_t id) { up(size++, Entry{time, sequence, id}); }

  Entry pop() {
    Entry top = storage.at[0];
    Entry last = storage.at[--size];
    if (size > 0) down(0, last);
    return top;
  }

  void cancel(uint32_t id) {
    uint32_t i = place[id];
    Entry last = storage.at[--size];
    if (i == size) return;
    if (i > 0 && last.before(storage.at[(i - 1) >> 2])) up(i, last);
    else down(i, last);
  }
};

struct Result {
  int32_t hash;
  double nanosPerEvent;
};

/** Runs the warm-up and the block of a workload's `event`. */
template <class Workload> Result measure(Workload &w, uint32_t events) {
  for (uint32_t i = 0; i < events / 2; i++) w.event();
  double start = cpuNanos();
  for (uint32_t i = 0; i < events; i++) w.event();
  double nanos = cpuNanos() - start;
  return {(int32_t)w.hash, nanos / events};
}

struct Hold {
  Heap queue;
  uint32_t k = 0, sequence = 0, hash = 0;
  explicit Hold(uint32_t n) : queue(n + 1) {
    for (uint32_t i = 0; i < n; i++) queue.push(DT[k++ & MASK], sequence++, i);
  }
  void event() {
    Entry e = queue.pop();
    hash = hash * 31 + e.id;
    queue.push(e.time + DT[k++ & MASK], sequence++, e.id);
  }
};

struct Cancel {
  IndexedHeap queue;
  uint32_t n, k = 0, m = 0, sequence = 0, hash = 0;
  explicit Cancel(uint32_t n) : queue(2 * n + 1, 2 * n), n(n) {
    for (uint32_t i = 0; i < n; i++) {
      queue.push(DT[k++ & MASK], sequence++, i);
      queue.push(TO[m++ & MASK], sequence++, n + i);
    }
  }
  void event() {
    Entry e = queue.pop();
    hash = hash * 31 + e.id;
    if (e.id < n) {
      queue.cancel(n + e.id);
      queue.push(e.time + TO[m++ & MASK], sequence++, n + e.id);
      queue.push(e.time + DT[k++ & MASK], sequence++, e.id);
    } else {
      queue.push(e.time + TO[m++ & MASK], sequence++, e.id);
    }
  }
};

struct Message {
  uint32_t from, to, type, term, value;
};

struct Node {
  uint32_t term = 0, sum = 0;
};

struct PingPong {
  Heap queue;
  std::vector<Message> messages;
  std::vector<uint32_t> freeSlots;
  std::vector<Node> nodes;
  uint32_t n, k = 0, r = 0, sequence = 0, hash = 0;
  int64_t now = 0;

  explicit PingPong(uint32_t n) : queue(4 * n + 1), nodes(n), n(n) {
    for (uint32_t i = 0; i < 4 * n; i++) send({i % n, (7 * i + 1) % n, i % 3, 0, i});
  }

  void send(const Message &message) {
    uint32_t slot;
    if (freeSlots.empty()) {
      slot = messages.size();
      messages.push_back(message);
    } else {
      slot = freeSlots.back();
      freeSlots.pop_back();
      messages[slot] = message;
    }
    queue.push(now + DT[k++ & MASK], sequence++, slot);
  }

  void event() {
    Entry e = queue.pop();
    Message message = messages[e.id];
    freeSlots.push_back(e.id);
    now = e.time;
    hash = hash * 31 + message.to;
    Node &node = nodes[message.to];
    if (message.term > node.term) node.term = message.term;
    node.sum += message.value;
    switch (message.type) {
    case 0:
      send({message.to, message.from, 1, message.term, message.value + 1});
      break;
    case 1:
      send({message.to, RD[r++ & MASK] % n, 2, message.term + 1, message.value ^ message.to});
      break;
    default:
      send({message.to, message.from, 0, message.term, node.sum & 255});
    }
  }
};

} // namespace

int main(int count, char **arguments) {
  if (count != 4) return 2;
  uint32_t size = std::strtoul(arguments[2], nullptr, 10);
  uint32_t events = std::strtoul(arguments[3], nullptr, 10);
  Result result{};
  if (!std::strcmp(arguments[1], "hold")) {
    fillTables(1e6);
    Hold workload(size);
    result = measure(workload, events);
  } else if (!std::strcmp(arguments[1], "cancel")) {
    fillTables(50000);
    Cancel workload(size);
    result = measure(workload, events);
  } else if (!std::strcmp(arguments[1], "pingpong")) {
    fillTables(50000);
    PingPong workload(size);
    result = measure(workload, events);
    for (const Node &node : workload.nodes) result.hash = result.hash * 31 + node.term + node.sum;
  } else {
    return 2;
  }
  std::printf("%d %.3f\n", result.hash, result.nanosPerEvent);
}
