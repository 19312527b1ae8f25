// QGRAPH_API marks what the shared library exports; everything else is hidden.
#pragma once

#if defined(_WIN32)
#if defined(QGRAPH_BUILDING)
#define QGRAPH_API __declspec(dllexport)
#elif defined(QGRAPH_SHARED)
#define QGRAPH_API __declspec(dllimport)
#else
#define QGRAPH_API
#endif
#else
#define QGRAPH_API __attribute__((visibility("default")))
#endif

// Built with -fno-exceptions there is no load_graph() and no Result::value(): use try_load_graph() and Result::ok().
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define QGRAPH_EXCEPTIONS 1
#else
#define QGRAPH_EXCEPTIONS 0
#endif
