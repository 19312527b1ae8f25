# find_package first (Debian's packages are enough); else the pinned source. None of them shows in our headers.
include(FetchContent)
set(FETCHCONTENT_QUIET ON)

function(qgraph_dependency name)
  FetchContent_Declare(${name} ${ARGN})
  FetchContent_MakeAvailable(${name})
endfunction()

set(FLATBUFFERS_BUILD_TESTS OFF CACHE BOOL "" FORCE)
qgraph_dependency(flatbuffers
  URL https://github.com/google/flatbuffers/archive/refs/tags/v2.0.8.tar.gz
  URL_HASH SHA256=f97965a727d26386afaefff950badef2db3ab6af9afe23ed6d94bfb65f95f37e
  FIND_PACKAGE_ARGS NAMES flatbuffers FlatBuffers)
find_program(QGRAPH_FLATC flatc)
if(NOT QGRAPH_FLATC)
  set(QGRAPH_FLATC $<TARGET_FILE:flatc>)
endif()
if(TARGET flatbuffers::flatbuffers)
  set(QGRAPH_FLATBUFFERS flatbuffers::flatbuffers)
elseif(TARGET flatbuffers::flatbuffers_shared)
  set(QGRAPH_FLATBUFFERS flatbuffers::flatbuffers_shared)
else()
  set(QGRAPH_FLATBUFFERS flatbuffers)
endif()

set(EIGEN_BUILD_DOC OFF CACHE BOOL "" FORCE)
set(EIGEN_BUILD_TESTING OFF CACHE BOOL "" FORCE)
qgraph_dependency(Eigen3
  URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  URL_HASH SHA256=8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72
  FIND_PACKAGE_ARGS 3.4)

qgraph_dependency(spdlog
  URL https://github.com/gabime/spdlog/archive/refs/tags/v1.10.0.tar.gz
  URL_HASH SHA256=697f91700237dbae2326b90469be32b876b2b44888302afbc7aceb68bcfe8224
  FIND_PACKAGE_ARGS)

qgraph_dependency(nlohmann_json
  URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.2.tar.gz
  URL_HASH SHA256=d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273
  FIND_PACKAGE_ARGS 3.10)

if(QGRAPH_CLI)
  qgraph_dependency(CLI11
    URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.3.2.tar.gz
    URL_HASH SHA256=aac0ab42108131ac5d3344a9db0fdf25c4db652296641955720a4fbe52334e22
    FIND_PACKAGE_ARGS)
endif()
if(QGRAPH_TESTS)
  qgraph_dependency(Catch2
    URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.4.0.tar.gz
    URL_HASH SHA256=122928b814b75717316c71af69bd2b43387643ba076a6ec16e7882bfb2dfacbb
    FIND_PACKAGE_ARGS)
endif()
find_package(Threads REQUIRED)
