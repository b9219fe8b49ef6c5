// The strings in a small JSON text, by their paths: {"hashes":{"sha256":"x"}} holds "hashes.sha256".
#pragma once

#include <map>
#include <optional>
#include <string>

// Nothing when the text is not JSON. Members of objects in arrays are checked and left out; \u escapes are not needed, and kept as they are.
std::optional<std::map<std::string, std::string>> ReadJson(const std::string& text);
