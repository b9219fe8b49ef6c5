// The file in which the agent looks up the handler of an update type: content_handler.json.
#pragma once

#include <string>

// The library that is registered; the agent loads it only when its hash is the one that was registered. Else says why not.
std::string RegisteredHandler(const std::string& file, std::string& problem);
