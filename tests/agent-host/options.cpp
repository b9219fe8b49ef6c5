#include "options.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

namespace
{
constexpr char usage[] = R"(usage: agent-host --handler LIB|--registration FILE --workdir DIR [OPTION ...]
Loads a step handler as the Device Update agent does, drives it and prints one line for each call and finding.

  --handler LIB            the step handler
  --registration FILE      a content_handler.json that names it; the hash that stands there must be that of the library
  --steps LIB|none|global  where the agent's functions are: a library opened RTLD_LOCAL, nowhere, or in this program (default: none)
  --scenario NAME          deploy (default), is-installed, cancel-during-download, cancel-during-install, concurrent-cancel,
                           null-handle, missing-functions,
                           cancel-call-during-download, cancel-anytime (Cancel is called all the time), deploy-and-ask (IsInstalled once more at the end),
                           is-installed-loop (--repeat times in a row, measured together),
                           load-only (no function is called), create-only, create-many
  --workdir DIR            the update's work folder; made between the first IsInstalled and Download, as the agent does
  --step CRITERIA=FILE     a step of the update with one payload, any number of times: they are deployed as children of the update
  --payload FILE           a payload file, any number of times
  --target-name NAME       the file name that the update declares for the first payload, instead of its own
  --payload-hash BASE64    the hash that the update declares for all of them, instead of the true one
  --stale-payload TEXT     what already lies in the place of the first payload
  --stale-link FILE        a symbolic link to FILE lies there instead
  --swapped-link FILE      a symbolic link to FILE takes the place of the first payload after Download
  --served TEXT            what the agent's downloader puts there, whatever the payload holds, and calls a success
  --criteria TEXT          the installed criteria; --no-criteria (default): the update has none
  --criteria-hex HEX       the same as bytes, which need not be text
  --id ID                  the id of the workflow
  --property KEY=VALUE     a handler property, any number of times
  --raw-property KEY=JSON  one that is no string
  --download-result R:X    what the agent's downloader answers instead of downloading, such as 0:0x00100003
  --download-delay-ms N    how long the agent's downloader takes
  --after-ms N             how long after the start of the phase the cancel scenarios cancel (default: 200)
  --when FILE              and not before this file is there
  --repeat N               how often is-installed and is-installed-loop ask (default: 1)
  --sigchld ignore         run with SIGCHLD ignored
  --reaper                 run with a thread that waits for any child
  --no-children            the host starts no children of its own beside the handler

Exit status: 0 the host found nothing amiss (whatever the handler's results), 2 usage, 3 the handler broke a rule of the contract
(lines "failure ..."), 4 the handler could not be loaded.
)";

[[noreturn]] void Fail(const std::string& why)
{
    fprintf(stderr, "agent-host: %s\n%s", why.c_str(), usage);
    exit(2);
}

std::pair<std::string, std::string> Split(const std::string& text, char separator)
{
    const auto at = text.find(separator);
    if (at == std::string::npos)
        Fail("cannot read '" + text + "': there is no '" + separator + "' in it");
    return {text.substr(0, at), text.substr(at + 1)};
}

std::string FromHex(const std::string& text)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(strtol(text.substr(i, 2).c_str(), nullptr, 16));
    return bytes;
}

Result ReadResult(const std::string& text)
{
    const auto [code, extended] = Split(text, ':');
    return {static_cast<std::int32_t>(strtol(code.c_str(), nullptr, 0)), static_cast<std::int32_t>(strtoul(extended.c_str(), nullptr, 0))};
}
} // namespace

Options ReadOptions(int count, char** words)
{
    Options options;
    const std::map<std::string, std::function<void(const std::string&)>> with_value = {
        {"--handler", [&](const auto& value) { options.handler = value; }},
        {"--registration", [&](const auto& value) { options.registration = value; }},
        {"--steps", [&](const auto& value) { options.steps = value; }},
        {"--scenario", [&](const auto& value) { options.scenario = value; }},
        {"--workdir", [&](const auto& value) { options.work_folder = value; }},
        {"--step", [&](const auto& value) { options.steps_of_update.push_back(Split(value, '=')); }},
        {"--payload", [&](const auto& value) { options.payloads.push_back(value); }},
        {"--target-name", [&](const auto& value) { options.target_name = value; }},
        {"--payload-hash", [&](const auto& value) { options.payload_hash = value; }},
        {"--stale-payload", [&](const auto& value) { options.stale_payload = value; }},
        {"--stale-link", [&](const auto& value) { options.stale_link = value; }},
        {"--swapped-link", [&](const auto& value) { options.swapped_link = value; }},
        {"--served", [&](const auto& value) { options.served = value; }},
        {"--criteria", [&](const auto& value) { options.criteria = value; }},
        {"--criteria-hex", [&](const auto& value) { options.criteria = FromHex(value); }},
        {"--id", [&](const auto& value) { options.id = value; }},
        {"--property", [&](const auto& value) { options.properties.push_back(Split(value, '=')); }},
        {"--raw-property", [&](const auto& value) { options.raw_properties.push_back(Split(value, '=')); }},
        {"--download-result", [&](const auto& value) { options.download_failure = ReadResult(value); }},
        {"--download-delay-ms", [&](const auto& value) { options.download_delay_ms = atoi(value.c_str()); }},
        {"--after-ms", [&](const auto& value) { options.after_ms = atoi(value.c_str()); }},
        {"--when", [&](const auto& value) { options.when = value; }},
        {"--repeat", [&](const auto& value) { options.repeat = atoi(value.c_str()); }},
        {"--sigchld",
         [&](const auto& value) {
             if (value != "ignore")
                 Fail("--sigchld knows only 'ignore'");
             options.children = ChildPolicy::ignore;
         }},
    };
    for (int i = 1; i < count; i++)
    {
        const std::string word = words[i];
        if (word == "--reaper")
            options.children = ChildPolicy::reap;
        else if (word == "--no-children")
            options.children = ChildPolicy::none;
        else if (word == "--no-criteria")
            options.criteria.reset();
        else if (word == "--help")
        {
            fputs(usage, stdout);
            exit(0);
        }
        else if (const auto found = with_value.find(word); found == with_value.end() || ++i == count)
            Fail("cannot read '" + word + "'");
        else
            found->second(words[i]);
    }
    if (options.handler.empty() == options.registration.empty() || options.work_folder.empty())
        Fail("--handler or --registration, and --workdir are needed");
    return options;
}
