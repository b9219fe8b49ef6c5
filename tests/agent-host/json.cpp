#include "json.hpp"

#include <cstring>

namespace
{
class Reader
{
public:
    explicit Reader(const std::string& text) : next(text.c_str()), end(next + text.size()) {}

    bool ReadAll()
    {
        const auto valid = Value("");
        Blanks();
        return valid && next == end;
    }

    std::map<std::string, std::string> strings;

private:
    // The text ends with a zero, which is none of the characters that are looked for.
    bool Take(char wanted)
    {
        Blanks();
        return *next == wanted && ++next;
    }

    void Blanks()
    {
        while (*next != '\0' && strchr(" \t\r\n", *next) != nullptr)
            next++;
    }

    bool Value(const std::string& path)
    {
        Blanks();
        if (*next == '{')
            return Object(path);
        if (*next == '[')
            return Array();
        if (*next != '"')
            return Word();
        std::string text;
        if (!String(text))
            return false;
        strings[path] = text;
        return true;
    }

    bool Object(const std::string& path)
    {
        Take('{');
        if (Take('}'))
            return true;
        do
        {
            std::string name;
            if (!String(name) || !Take(':') || !Value(path.empty() ? name : path + "." + name))
                return false;
        } while (Take(','));
        return Take('}');
    }

    bool Array()
    {
        const auto before = strings;
        Take('[');
        if (Take(']'))
            return true;
        do
            if (!Value(""))
                return false;
        while (Take(','));
        strings = before;
        return Take(']');
    }

    bool String(std::string& text)
    {
        if (!Take('"'))
            return false;
        for (; next != end && *next != '"'; next++)
        {
            if (static_cast<unsigned char>(*next) < ' ')
                return false;
            if (*next == '\\' && (++next == end || strchr("\"\\/bfnrtu", *next) == nullptr))
                return false;
            text += *next;
        }
        return next != end && *next++ == '"';
    }

    // true, false, null or a number.
    bool Word()
    {
        for (const auto* word : {"true", "false", "null"})
            if (strncmp(next, word, strlen(word)) == 0)
                return next += strlen(word), true;
        const auto length = strspn(next, "+-.0123456789eE");
        next += length;
        return length > 0;
    }

    const char* next;
    const char* end;
};
} // namespace

std::optional<std::map<std::string, std::string>> ReadJson(const std::string& text)
{
    Reader reader(text);
    return reader.ReadAll() ? std::optional(reader.strings) : std::nullopt;
}
