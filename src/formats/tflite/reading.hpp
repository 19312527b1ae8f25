// The state of one read, shared by the files that read the parts of a model.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <map>
#include <optional>
#include <string>

#include "formats/format.hpp"
#include "formats/tflite/state.hpp"

namespace qgraph::formats::tflite {

struct Reading {
  ReadContext& context;
  const State& state;
  source::Model& model;
  const schema::Model& root;
  bool uses_has_rank = false;  ///< some tensor says has_rank: then one that does not and has no dimensions is of unknown rank
  std::uint64_t elements_left = 0;  ///< of all lists: tables may share vectors, so the file's size does not bound them
  std::uint64_t decoded_left = 0;
  bool stopped = false;                                             ///< over a limit: nothing more is read
  std::map<std::uint32_t, std::optional<Buffer>> external_files{};  ///< by group

  /// A copy of a vector, counted; empty once over the limit.
  template <class T>
  std::vector<T> list(const flatbuffers::Vector<T>* v) {
    return v && spend(v->size()) ? copy_list(v) : std::vector<T>{};
  }
  bool spend(std::uint64_t elements) {
    if (elements > elements_left)
      over_limit("list elements");
    else
      elements_left -= elements;
    return !stopped;
  }
  void over_limit(std::string_view what);
  std::int64_t offset_of(const void* p) const { return static_cast<const std::byte*>(p) - state.file.bytes.data(); }
};

diagnose::Finding& add_finding(Reading&, std::string_view code, Cause cause, std::string headline, Place place);

void read_tensors(Reading&, std::uint32_t graph);
void read_nodes(Reading&, std::uint32_t graph);
/// After all tensors: scales and zero points that are tensors.
void finish_sites(Reading&);
/// After the nodes: which tensors without bytes are constants of no elements.
void finish_tensors(Reading&, std::uint32_t graph);
void read_signatures(Reading&);
void read_metadata(Reading&);
/// The data of a buffer, wherever they lie; nothing (and a finding) where they lie outside of the file.
std::optional<Buffer> buffer_data(Reading&, std::uint32_t index, Place place);

}  // namespace qgraph::formats::tflite
