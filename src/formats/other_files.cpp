// Magic numbers of what is found in a model's place: pointers, pages, archives, and other frameworks' files.
#include "formats/other_files.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/byte_reader.hpp"
#include "formats/format.hpp"

namespace qgraph::formats {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  std::size_t offset;
  std::string_view code;
  std::string_view what;  ///< "a zip archive"
  std::string_view advice;
};

constexpr std::string_view archive = "QG1005", other = "QG1006";
constexpr std::string_view unpack = "unpack it and load the model inside";
constexpr std::string_view export_it = "export the model to TensorFlow Lite or ONNX with the framework that it comes from";
constexpr std::array magics{
    Magic{"PK\x03\x04"sv, 0, archive, "a zip archive (a Keras .keras, PyTorch .pt, MediaPipe .task bundle, or a packed folder)",
          unpack},
    Magic{"PK\x05\x06"sv, 0, archive, "an empty zip archive", unpack},
    Magic{"\x1F\x8B"sv, 0, archive, "gzip data (a .gz or .tar.gz)", unpack},
    Magic{"\xFD"
          "7zXZ\0"sv,
          0, archive, "xz data", unpack},
    Magic{"\x28\xB5\x2F\xFD"sv, 0, archive, "zstd data", unpack},
    Magic{"BZh"sv, 0, archive, "bzip2 data", unpack},
    Magic{"7z\xBC\xAF\x27\x1C"sv, 0, archive, "a 7z archive", unpack},
    Magic{"Rar!\x1A\x07"sv, 0, archive, "a rar archive", unpack},
    Magic{"ustar"sv, 257, archive, "a tar archive", unpack},
    Magic{"\x89HDF\r\n\x1A\n"sv, 0, other, "an HDF5 file (Keras .h5 weights or model)", export_it},
    Magic{"GGUF"sv, 0, other, "a GGUF file (llama.cpp weights)",
          "it holds weights and no graph: take the model from its own framework"},
    Magic{"\x93NUMPY"sv, 0, other, "a NumPy array", "it holds one array, not a model"},
    Magic{"\x89PNG\r\n\x1A\n"sv, 0, other, "a PNG image", "an image is no model: check the path"},
    Magic{"\xFF\xD8\xFF"sv, 0, other, "a JPEG image", "an image is no model: check the path"},
    Magic{"GIF8"sv, 0, other, "a GIF image", "an image is no model: check the path"},
    Magic{"%PDF"sv, 0, other, "a PDF document", "check the path"},
    Magic{"\x7F"
          "ELF"sv,
          0, other, "an ELF program or library", "check the path"},
    Magic{"MZ"sv, 0, other, "a Windows program or library", "check the path"},
    Magic{"ET12"sv, 4, other, "an ExecuTorch program (.pte)", export_it},
    Magic{"ORTM"sv, 4, other, "an ONNX Runtime .ort file", "take the .onnx that it was made from"},
    Magic{"SQLite format 3"sv, 0, other, "an SQLite database", "check the path"},
};

std::string_view without_space(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

/// The rest of the line that begins with the key.
std::string_view line_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find_first_of("\r\n"));
}

diagnose::Finding finding(std::string_view code, std::string headline, std::string found, std::string_view why) {
  diagnose::Finding f;
  f.diagnostic.code = code;
  f.diagnostic.cause = Cause::unreadable_file;
  f.diagnostic.headline = std::move(headline);
  f.diagnostic.places.push_back({.byte_offset = 0});
  f.diagnostic.expected = "a model file";
  f.diagnostic.found = std::move(found);
  f.diagnostic.why = why;
  f.breaks = {diagnose::Fact::file()};
  return f;
}

/// Printable, by the first 512 bytes.
bool is_text(std::string_view head) {
  return !head.empty() && std::ranges::all_of(head, [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
}

bool is_pickle(const ByteReader& reader) {
  const auto version = reader.at<std::uint8_t>(1);
  const auto last = reader.size() > 2 ? reader.at<char>(reader.size() - 1) : std::nullopt;
  return reader.starts_with("\x80") && version && *version >= 2 && *version <= 5 && last == '.';
}

/// ir_version, then one of the text fields or the graph of a ModelProto.
bool is_onnx(const ByteReader& reader) {
  const auto version = reader.at<std::uint8_t>(1), next = reader.at<std::uint8_t>(2);
  return reader.starts_with("\x08") && version && *version >= 1 && *version <= 32 && next && (*next & 7) == 2 && *next <= 0x42;
}

/// A JSON object whose keys are those of a quantizer's table of scales (AIMET's, of all its versions).
bool is_encodings(std::string_view text) {
  const std::string_view begin = text.substr(0, std::size_t{1} << 16),
                         end = text.substr(text.size() - std::min(text.size(), begin.size()));
  const auto has = [&](std::string_view key) {
    return begin.find(key) != std::string_view::npos || end.find(key) != std::string_view::npos;
  };
  return text.starts_with('{') &&
         (has("\"activation_encodings\"") || has("\"param_encodings\"") || (has("\"encodings\"") && has("\"y_scale\"")));
}

/// An eight byte length, then a JSON object of that length.
bool is_safetensors(const ByteReader& reader) {
  const auto length = reader.at<std::uint64_t>(0);
  return length && *length >= 2 && reader.fits(8, *length) && reader.starts_with("{\"", 8);
}

}  // namespace

std::optional<diagnose::Finding> other_kind_of_file(std::span<const std::byte> bytes) {
  if (bytes.empty())
    return finding("QG1002", "the file is empty", "0 bytes", "a download or an export was cut off before the first write");
  const ByteReader reader(bytes);
  const std::string_view head = *reader.text(0, std::min<std::uint64_t>(reader.size(), 512));

  if (head.starts_with("version https://git-lfs")) {
    const std::string_view hash = line_after(head, "oid "), size = line_after(head, "\nsize ");
    return finding("QG1003", "the file is a Git LFS pointer, not the model",
                   fmt::format("a pointer to {}, {} bytes", hash.empty() ? "an object" : hash, size.empty() ? "?" : size),
                   "the repository was cloned or downloaded without Git LFS: `git lfs pull` fetches the model");
  }
  const std::string_view page = without_space(head);
  for (const std::string_view tag : {"<!doctype html"sv, "<html"sv, "<head"sv, "<?xml"sv})
    if (starts_with_any_case(page, tag))
      return finding("QG1004", "the file is a web page, not a model",
                     fmt::format("text that begins with '{}'", page.substr(0, tag.size())),
                     "the address that it was fetched from gave a page: a login, an error, or the view of the file");
  for (const Magic& m : magics)
    if (reader.starts_with(m.bytes, m.offset))
      return finding(m.code, fmt::format("the file looks like {}", m.what), std::string(m.what), m.advice);
  if (is_pickle(reader))
    return finding(other, "the file is a Python pickle", "a pickle: data of a Python program, with code in it", export_it);
  if (is_safetensors(reader))
    return finding(other, "the file is a safetensors file", "named arrays without a graph",
                   "it holds weights and no graph: export the model");
  if (!find_format("onnx") && is_onnx(reader))
    return finding(other, "the file looks like an ONNX model", "a protobuf message with ONNX's fields",
                   "this build has no ONNX reader");
  if (std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; }))
    return finding("QG1007", "the file holds only zeros", fmt::format("{} bytes, all zero", bytes.size()),
                   "its space was reserved and never written: fetch it again");
  if (page.starts_with('{') && is_encodings(without_space(*reader.text(0, reader.size()))))
    return finding(other, "the file holds the scales of a model, not the model", "AIMET's encodings: a table of scales in JSON",
                   "the graph is in the .onnx or .tflite file that it was written beside: give that one");
  if (page.starts_with("TRT-") && page.find("Calibration") != std::string_view::npos)
    return finding(other, "the file is a calibration cache of TensorRT, not a model", "ranges of activations by name",
                   "the graph is in the model that was calibrated: give that one");
  // What begins as JSON may be a broken model of a format that is JSON.
  if (is_text(head) && !page.starts_with('{') && !page.starts_with('[')) {
    const std::string_view line = page.substr(0, std::min<std::size_t>(page.find_first_of("\r\n"), 60));
    return finding(other, "the file is text, not a model", fmt::format("text that begins with '{}'", line),
                   "it may be an error message that was saved in the model's place");
  }
  return std::nullopt;
}

diagnose::Finding not_recognised(std::span<const std::byte> bytes, std::string_view extension) {
  std::string first;
  for (const std::byte b : bytes.first(std::min<std::size_t>(bytes.size(), 16)))
    first += fmt::format("{}{:02x}", first.empty() ? "" : " ", std::to_integer<unsigned>(b));
  return finding("QG1008", "the format of the file is not recognised",
                 fmt::format("{} bytes that begin with {}{}{}", bytes.size(), first, extension.empty() ? "" : ", and the ending ",
                             extension),
                 "no format that is read claims these bytes; if the format is known, `--format` forces it");
}

}  // namespace qgraph::formats
