// Threads of one Session that share the work of one op, cut into parts beforehand.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace qgraph::runtime {

/// A pool is for one caller at a time. The caller works too, and takes the parts of threads that do not get to run. Between jobs
/// threads spin for some microseconds, then sleep.
class ThreadPool {
 public:
  explicit ThreadPool(int workers);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int workers() const noexcept { return workers_; }

  /// f(part, worker) for each part in [0, parts); worker in [0, workers()) is the thread's own. Returns when all are done.
  template <class F>
  void run(int parts, const F& f) noexcept {
    start([](const void* context, int part, int worker) noexcept { (*static_cast<const F*>(context))(part, worker); }, &f, parts);
  }

 private:
  using Part = void (*)(const void* context, int part, int worker) noexcept;
  void start(Part part, const void* context, int parts) noexcept;
  void work(int worker) noexcept;
  void serve(int worker) noexcept;

  int workers_;
  // Of the job. Read before a part is taken; taking fails where the job has changed since.
  std::atomic<Part> part_{nullptr};
  std::atomic<const void*> context_{nullptr};
  std::atomic<std::uint32_t> parts_{0};
  alignas(64) std::atomic<std::uint64_t> next_{0};  ///< number of the job, and of its next part in the lower half
  alignas(64) std::atomic<std::uint32_t> jobs_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  alignas(64) std::atomic<std::uint32_t> unfinished_{0};
  std::vector<std::thread> threads_{};
};

/// The share of `count` that is this part's: [begin, end).
struct Share {
  std::int64_t begin = 0, end = 0;
};
constexpr Share share(std::int64_t count, int part, int parts) noexcept {
  return {count * part / parts, count * (part + 1) / parts};
}

/// How many parts so much work is to be cut into; 1 without threads.
inline int parts_of(const ThreadPool* pool, std::int64_t worth) noexcept {
  return pool ? static_cast<int>(std::clamp<std::int64_t>(worth, 1, 4 * pool->workers())) : 1;
}

/// f(part, parts, worker)
template <class F>
void split_work(ThreadPool* pool, int parts, const F& f) noexcept {
  if (!pool || parts <= 1) return f(0, 1, 0);
  pool->run(parts, [&f, parts](int part, int worker) noexcept { f(part, parts, worker); });
}

}  // namespace qgraph::runtime
