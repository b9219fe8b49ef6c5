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
    none,   // the host starts none: every child is the library's
};

struct Options
{
    std::string handler;
    std::string registration; // the agent's file that names the handler and its hash
    std::string steps = "none"; // a library, "none", or "global": exported by the program itself
    std::string scenario = "deploy";
    std::string work_folder;
    std::string id = "update";
    std::vector<std::string> payloads;
    std::vector<std::pair<std::string, std::string>> steps_of_update; // criteria and payload of each
    std::optional<std::string> target_name;   // declared for the first payload instead of its own name
    std::string payload_hash;                 // declared instead of the real one
    std::optional<std::string> stale_payload; // content that is already in the place of the first payload
    std::optional<std::string> stale_link;    // where a symbolic link in that place leads to
    std::optional<std::string> swapped_link;  // where one leads to that takes the place of the payload after the download
    std::optional<std::string> served;        // what the downloader fetches instead of the payload, and calls a success
    std::optional<std::string> criteria;
    std::vector<std::pair<std::string, std::string>> properties;
    std::vector<std::pair<std::string, std::string>> raw_properties;
    std::optional<Result> download_failure;
    int download_delay_ms = 0;
    std::string when;   // a file that the cancel scenarios wait for
    int after_ms = 200; // when the cancel scenarios cancel
    int repeat = 1;     // how often is-installed and is-installed-loop ask
    ChildPolicy children = ChildPolicy::wait;
};

// Ends the program with status 2 and a usage text when the command line makes no sense.
Options ReadOptions(int count, char** words);
