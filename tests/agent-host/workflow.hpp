// What a workflow handle points to. The agent keeps this to itself; a step handler sees it through the functions of fake_steps.cpp only.
#pragma once

#include "content_handler.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

enum class Wish
{
    none,
    requested,
    immediate,
};

struct UpdateFile
{
    std::string id;
    std::string source; // where the "cloud" keeps it
    std::string target_name;
    std::string hash; // base64 of the SHA-256 that the update declares
    std::size_t size;
};

struct Workflow
{
    static constexpr std::uint64_t expected_magic = 0x776f726b666c6f77;
    std::uint64_t magic = expected_magic;

    Workflow* parent = nullptr; // of a step: the deployment
    std::string id;
    std::string work_folder;
    std::optional<std::string> installed_criteria;
    std::vector<UpdateFile> files;
    std::map<std::string, std::string> properties;
    std::map<std::string, std::string> raw_properties; // those that are no strings, as JSON
    std::optional<Result> download_failure; // what the agent's downloader answers instead of downloading
    std::optional<std::string> served;      // what it fetches instead of a file's source, and takes for right
    int download_delay_ms = 0;

    std::atomic<bool> cancel_requested{false};
    std::atomic<int> download_calls{0};

    // The handler may be inside Install and Cancel at once.
    std::mutex mutex;
    std::string details;
    std::optional<Result> result;
    std::vector<std::int32_t> extended_codes;
    Wish restart = Wish::none;
    Wish reboot = Wish::none;
};

// What the fake functions noticed about their caller. The real ones would leak, read freed memory or format garbage.
struct StepsLedger
{
    std::mutex mutex;
    std::vector<std::string> violations;
    int live_strings = 0;
    int live_files = 0;
    int config_references = 0;
};
