// Files and folders that a zone is read from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <meshdns/result.hpp>

namespace meshdns::zones {

// Tells one state of a file from another.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t size = 0;
  // Changed so shortly before it was looked at that a later change may look the same.
  bool is_fresh = false;

  bool is_same_file_state(const FileStamp& other) const;
};

struct FileText {
  std::string text;
  FileStamp stamp;
};

// A file for 1,000,000 names has about 100 MB. Fetched documents have a limit of their own.
inline constexpr std::int64_t kMaxFileOctets = 256 << 20;

// Errors: FileUnreadable, InvalidZone (too large).
Result<FileText> read_zone_file(const std::string& path);
Result<FileStamp> stamp_of(const std::string& path);

bool is_folder(const std::string& path);

// *.yaml, *.yml and *.json in lexical order, hidden ones left out. Errors: FileUnreadable, InvalidZone
// (none).
Result<std::vector<std::string>> list_zone_folder(const std::string& folder);

}  // namespace meshdns::zones
