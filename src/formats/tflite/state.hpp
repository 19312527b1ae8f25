// What the reader keeps behind a Model for its attributes, its sparse tensors and for patch.
#pragma once

#include <cstring>
#include <vector>

#include "qgraph/load.hpp"
#include "source/source_model.hpp"
#include "tflite_generated.h"

namespace qgraph::formats::tflite {

namespace schema = ::tflite;  ///< flatc's code

struct State {
  Buffer file{};  ///< the bytes, at an address that is aligned for scalars
  const schema::Model* root = nullptr;
  Budgets budgets{};
};

inline const State& state_of(const source::Model& model) { return *static_cast<const State*>(model.format_state.get()); }

/// A vector's elements, copied: the verifier does not look at the alignment of 8-byte ones.
template <class T>
std::vector<T> copy_list(const flatbuffers::Vector<T>* v) {
  std::vector<T> out(v ? v->size() : 0);
  if (!out.empty()) std::memcpy(out.data(), v->Data(), out.size() * sizeof(T));
  return out;
}

inline std::string_view text(const flatbuffers::String* s) {
  return s ? std::string_view(s->c_str(), s->size()) : std::string_view{};
}

inline std::span<const std::byte> bytes_of(const flatbuffers::Vector<std::uint8_t>* v) {
  if (!v) return {};
  return {reinterpret_cast<const std::byte*>(v->Data()), v->size()};
}

}  // namespace qgraph::formats::tflite
