// Small texts that rules share, so that the same thing is always said in the same way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "source/source_model.hpp"

namespace qgraph::diagnose {

/// 'conv0': a name of the file. Long ones (converters join them with ';') are cut in the middle, bytes that are no text replaced.
std::string in_quotes(std::string_view name);
/// "declared  float32[4,3,3,3]": an evidence line whose texts stand in one column.
std::string evidence(std::string_view label, std::string_view text);
/// "1 byte", "12 bytes"
std::string counted(std::uint64_t n, std::string_view singular);
/// "int8[1,8]"; the file's own word where the dtype is not known.
std::string type_text(const source::SourceTensor& tensor);
/// "CONV_2D node 3 'conv0'"
std::string node_text(const source::Model& model, source::NodeRef node);
/// A number as short as it can be read back: "0.0217", "1e-10", "nan".
std::string number_text(double value);

}  // namespace qgraph::diagnose
