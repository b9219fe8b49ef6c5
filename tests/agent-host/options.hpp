// The command line of the agent host.
#pragma once

#include "content_handler.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

enum class ChildPolicy
{
    wait,   // the host waits for each of its children by number, as most programs do
    ignore, // SIGCHLD is ignored: the kernel forgets children at once
    reap,   // a thread waits for any child, and so takes those of libraries, too
};

struct Options
{
    std::string handler;
    std::string steps = "none"; // a library, "none", or "global": exported by the program itself
    std::string scenario = "deploy";
    std::string work_folder;
    std::string id = "update";
    std::vector<std::string> payloads;
    std::string payload_hash;                 // declared instead of the real one
    std::optional<std::string> stale_payload; // content that is already in the place of the first payload
    std::optional<std::string> criteria;
    std::vector<std::pair<std::string, std::string>> properties;
    std::optional<Result> download_failure;
    int download_delay_ms = 0;
    int after_ms = 200; // when the cancel scenarios cancel
    int repeat = 1;     // how often is-installed asks
    ChildPolicy children = ChildPolicy::wait;
};

// Ends the program with status 2 and a usage text when the command line makes no sense.
Options ReadOptions(int count, char** words);
