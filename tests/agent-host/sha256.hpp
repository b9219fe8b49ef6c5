// SHA-256 (FIPS 180-4) of a file, in base64. Written out here because a library linked to libcrypto would hide that
// the handler needs libssl, and a child process would be seen by the very checks on children that the host makes.
#pragma once

#include <string>

// Empty when the file cannot be read.
std::string Sha256OfFile(const std::string& path);
