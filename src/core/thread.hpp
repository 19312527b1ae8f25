// Threads of the system. Starting one may fail, which is an answer and no exception.
#pragma once

#include <cstdint>

namespace qgraph {

struct Thread {
  using Routine = void (*)(void* context) noexcept;
  Routine routine = nullptr;
  void* context = nullptr;
  std::uintptr_t handle = 0;  ///< the system's
};

/// False: the system has no thread to give. Else the Thread stays where it is until it was joined.
bool start_thread(Thread& thread, Thread::Routine routine, void* context) noexcept;
void join_thread(Thread& thread) noexcept;

}  // namespace qgraph
