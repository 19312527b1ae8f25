// ThreadPool: threads of the host that Sessions use in place of their own.
#pragma once

namespace qgraph {

/// A host derives from it and passes it to Sessions (SessionOptions::thread_pool). A Session calls run() from the thread that
/// runs it, for ops that are worth it; Sessions that run at the same time call it at the same time. How work is cut does not
/// depend on who does it when: results are equal bit for bit with any pool.
class ThreadPool {
 public:
  /// Does one part. `worker` tells memory of its own from that of parts under way at the same time.
  using Part = void (*)(const void* context, int part, int worker) noexcept;

  ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  virtual ~ThreadPool() = default;

  /// How many parts of one run() may be under way at a time, 1 to 1024. Always the same.
  virtual int workers() const noexcept = 0;
  /// Calls part(context, i, worker) once for each i in [0, parts), in any order and from any threads, this one among them if that
  /// suits; returns when all calls have returned. Two calls of one run() that are under way at the same time have different
  /// workers, in [0, workers()).
  virtual void run(int parts, Part part, const void* context) noexcept = 0;
};

}  // namespace qgraph
