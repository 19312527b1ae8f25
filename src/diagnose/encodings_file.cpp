// AIMET's three dialects, brought to scale and zero point. A scale's offset there is minus the zero point of unsigned integers.
#include "diagnose/encodings_file.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/mapped_file.hpp"
#include "diagnose/scale_evidence.hpp"

namespace qgraph::diagnose {
namespace {

using Json = nlohmann::json;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 26;

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// A number, or a list of numbers.
std::vector<double> numbers(const Json* value) {
  std::vector<double> list;
  if (!value) return list;
  if (value->is_number()) list.push_back(value->get<double>());
  if (value->is_array())
    for (const Json& v : *value) {
      if (!v.is_number()) return {};
      list.push_back(v.get<double>());
    }
  return list;
}

std::string text(const Json* value) {
  std::string word = value && value->is_string() ? *value->get_ptr<const std::string*>() : std::string();
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return word;
}

DType integer(bool is_signed, std::int64_t width) {
  if (width == 4) return is_signed ? DType::int4 : DType::uint4;
  if (width == 8) return is_signed ? DType::int8 : DType::uint8;
  if (width == 16) return is_signed ? DType::int16 : DType::uint16;
  return DType::unknown;
}

bool finish(TensorEncoding& e, const std::vector<double>& scales, const std::vector<double>& zeros) {
  if (scales.empty() || !sound_scales(scales) || e.dtype == DType::unknown) return false;
  const IntegerRange range = integer_range(e.dtype);
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const double zero = zeros.empty() ? 0 : zeros[zeros.size() == scales.size() ? i : 0];
    if (zero < static_cast<double>(range.min) || zero > static_cast<double>(range.max) || zero != std::trunc(zero)) return false;
    e.scales.push_back(static_cast<float>(scales[i]));
    e.zero_points.push_back(static_cast<std::int64_t>(zero));
  }
  return true;
}

/// Offsets of the unsigned integers from 0; in the middle of them is 0 of the signed ones.
bool from_offsets(TensorEncoding& e, std::int64_t width, const std::vector<double>& scales, std::vector<double> offsets) {
  if (width != 4 && width != 8 && width != 16) return false;
  const double middle = std::ldexp(1.0, static_cast<int>(width) - 1);
  const bool is_signed = !offsets.empty() && std::ranges::all_of(offsets, [&](double o) { return o == -middle; });
  for (double& o : offsets) o = is_signed ? 0 : -o;
  e.dtype = integer(is_signed, width);
  return finish(e, scales, offsets);
}

/// 0.6: a list of objects, one for each channel.
bool of_channels(TensorEncoding& e, const Json& list) {
  if (!list.is_array() || list.empty()) return false;
  std::vector<double> scales, offsets;
  double width = 0;
  for (const Json& one : list) {
    const auto scale = numbers(member(one, "scale")), offset = numbers(member(one, "offset")),
               bits = numbers(member(one, "bitwidth"));
    if (scale.size() != 1 || offset.size() != 1 || bits.size() != 1 || text(member(one, "dtype")) == "float") return false;
    if (width != 0 && bits[0] != width) return false;
    width = bits[0];
    scales.push_back(scale[0]);
    offsets.push_back(offset[0]);
  }
  return width > 0 && width <= 64 && from_offsets(e, static_cast<std::int64_t>(width), scales, std::move(offsets));
}

/// 1.0 and 2.0: an object with lists.
bool of_object(TensorEncoding& e, const Json& o) {
  const auto axis = numbers(member(o, "axis"));
  if (axis.size() == 1 && std::fabs(axis[0]) < 64) e.axis = static_cast<std::int64_t>(axis[0]);
  if (member(o, "block_size")) return false;
  if (const Json* scale = member(o, "y_scale")) {
    const std::string dtype = text(member(o, "output_dtype"));
    for (const DType d : {DType::int4, DType::uint4, DType::int8, DType::uint8, DType::int16, DType::uint16})
      if (dtype == name(d)) e.dtype = d;
    return finish(e, numbers(scale), numbers(member(o, "y_zero_point")));
  }
  const std::string kind = text(member(o, "enc_type"));
  const auto width = numbers(member(o, "bw"));
  if (text(member(o, "dtype")) == "float" || (!kind.empty() && kind != "per_tensor" && kind != "per_channel") ||
      width.size() != 1 || !(width[0] > 0 && width[0] <= 64))
    return false;
  return from_offsets(e, static_cast<std::int64_t>(width[0]), numbers(member(o, "scale")), numbers(member(o, "offset")));
}

void read(EncodingsFile& file, const Json* table) {
  if (!table) return;
  const auto add = [&](std::string name, bool (*of)(TensorEncoding&, const Json&), const Json& value) {
    TensorEncoding e{.name = std::move(name)};
    if (!e.name.empty() && of(e, value))
      file.tensors.push_back(std::move(e));
    else
      ++file.left_out;
  };
  if (table->is_object())
    for (auto it = table->begin(); it != table->end(); ++it) add(it.key(), it->is_array() ? &of_channels : &of_object, *it);
  if (table->is_array())
    for (const Json& one : *table)
      if (const Json* name = member(one, "name"); name && name->is_string())
        add(*name->get_ptr<const std::string*>(), &of_object, one);
}

}  // namespace

std::optional<EncodingsFile> parse_encodings(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return std::nullopt;
  EncodingsFile file;
  bool any = false;
  for (const std::string_view key : {"activation_encodings", "param_encodings", "encodings"}) {
    any = any || member(root, key);
    read(file, member(root, key));
  }
  if (!any) return std::nullopt;
  std::ranges::stable_sort(file.tensors, {}, &TensorEncoding::name);
  const auto same = [](const TensorEncoding& a, const TensorEncoding& b) { return a.name == b.name; };
  file.tensors.erase(std::unique(file.tensors.begin(), file.tensors.end(), same), file.tensors.end());
  return file;
}

std::optional<EncodingsFile> encodings_beside(const std::filesystem::path& model) {
  if (model.empty()) return std::nullopt;
  for (const std::string_view ending : {".encodings", "_encodings.json", ".encodings.json", "_torch.encodings"}) {
    std::filesystem::path path = model.parent_path() / model.stem();
    path += ending;
    std::error_code trouble;
    if (!std::filesystem::is_regular_file(path, trouble)) continue;
    const Result<Buffer> bytes = map_file(path, most_bytes);
    if (!bytes.ok()) continue;
    auto file = parse_encodings({reinterpret_cast<const char*>(bytes->bytes.data()), bytes->bytes.size()});
    if (!file) continue;
    file->path = std::move(path);
    return file;
  }
  return std::nullopt;
}

}  // namespace qgraph::diagnose
