# The warnings our own code is free of, and the sanitizers; link qgraph::warnings privately.
add_library(qgraph_warnings INTERFACE)
add_library(qgraph::warnings ALIAS qgraph_warnings)
if(NOT MSVC)
  # g++ 12 warns of the inside of std::string's operator+ (GCC bug 105651) and of values in std::optionals that are not set (80635).
  target_compile_options(qgraph_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict$<SEMICOLON>-Wno-maybe-uninitialized>)
  if(QGRAPH_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The same operator+ once more: in a precompiled header g++ 12 no longer knows that <string> is the system's.
    target_compile_options(qgraph_warnings INTERFACE -Wno-stringop-overflow -Wno-array-bounds)
  endif()
  # Instrumented code makes g++'s flow analysis warn of what is not there, inside system headers too: there warnings stay warnings.
  if(QGRAPH_WERROR AND NOT QGRAPH_SANITIZE)
    # Nor do guesses about the flow inside of the standard library stop a build: which are made depends on what is inlined.
    target_compile_options(qgraph_warnings INTERFACE -Werror
      $<$<CXX_COMPILER_ID:GNU>:-Wno-error=stringop-overflow$<SEMICOLON>-Wno-error=stringop-overread$<SEMICOLON>-Wno-error=array-bounds>)
  endif()
endif()

find_program(QGRAPH_CCACHE ccache)
if(QGRAPH_CCACHE AND PROJECT_IS_TOP_LEVEL)
  if(QGRAPH_PCH)  # ccache leaves files with precompiled headers alone, unless it is told what to overlook
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${QGRAPH_CCACHE})
  else()
    set(CMAKE_CXX_COMPILER_LAUNCHER ${QGRAPH_CCACHE})
  endif()
endif()

if(QGRAPH_SANITIZE)
  add_compile_options(-fsanitize=${QGRAPH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${QGRAPH_SANITIZE})
endif()
if(QGRAPH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
