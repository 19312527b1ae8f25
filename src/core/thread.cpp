// POSIX threads, or those of Windows: std::thread throws where none is to be had.
#include "core/thread.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace qgraph {
namespace {

#if defined(_WIN32)
DWORD WINAPI enter(void* p) {
  const Thread& thread = *static_cast<const Thread*>(p);
  thread.routine(thread.context);
  return 0;
}
#else
void* enter(void* p) {
  const Thread& thread = *static_cast<const Thread*>(p);
  thread.routine(thread.context);
  return nullptr;
}
static_assert(sizeof(pthread_t) <= sizeof(Thread::handle));
#endif

}  // namespace

#if defined(_WIN32)

bool start_thread(Thread& thread, Thread::Routine routine, void* context) noexcept {
  thread.routine = routine;
  thread.context = context;
  thread.handle = reinterpret_cast<std::uintptr_t>(CreateThread(nullptr, 0, enter, &thread, 0, nullptr));
  return thread.handle != 0;
}

void join_thread(Thread& thread) noexcept {
  const auto handle = reinterpret_cast<HANDLE>(thread.handle);
  WaitForSingleObject(handle, INFINITE);
  CloseHandle(handle);
}

#else

bool start_thread(Thread& thread, Thread::Routine routine, void* context) noexcept {
  thread.routine = routine;
  thread.context = context;
  pthread_t handle{};
  if (pthread_create(&handle, nullptr, enter, &thread) != 0) return false;
  thread.handle = (std::uintptr_t)handle;  // an integer or a pointer, as the system has it
  return true;
}

void join_thread(Thread& thread) noexcept { pthread_join((pthread_t)thread.handle, nullptr); }

#endif

}  // namespace qgraph
