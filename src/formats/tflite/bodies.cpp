// Fields that name graphs, found by their names.
#include "formats/tflite/bodies.hpp"

#include <algorithm>

namespace qgraph::formats::tflite {

std::vector<const reflection::Field*> body_fields(const reflection::Object& options) {
  std::vector<const reflection::Field*> out;
  for (const reflection::Field* f : *options.fields()) {
    const std::string_view name(f->name()->c_str(), f->name()->size());
    if (name.ends_with("subgraph_index") || name == "subgraph" || name == "called_computations") out.push_back(f);
  }
  std::ranges::sort(out, {}, &reflection::Field::id);
  return out;
}

std::vector<std::int64_t> body_indices(const StoredOptions& options) {
  std::vector<std::int64_t> out;
  for (const reflection::Field* f : body_fields(*options.type)) {
    const auto value = field_value(*options.table, *f);
    if (!value) continue;
    if (const auto* one = std::get_if<std::int64_t>(&*value))
      out.push_back(*one);
    else if (const auto* many = std::get_if<std::vector<std::int64_t>>(&*value))
      out.insert(out.end(), many->begin(), many->end());
  }
  return out;
}

}  // namespace qgraph::formats::tflite
