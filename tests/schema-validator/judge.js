// Judges any number of files by one JSON Schema, of draft 2020-12 or draft 7.
// node judge.js SCHEMA LIST VERDICTS: LIST is a JSON array of file names, VERDICTS becomes the array of what was found, in the same order.
import { readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

// As RFC 8259 lets a parser do, a byte-order mark is ignored; bytes that are not UTF-8 are no JSON.
const utf8 = new TextDecoder("utf-8", { fatal: true });
const parse = (file) => JSON.parse(utf8.decode(readFileSync(file)));

const [schemaFile, listFile, verdictsFile] = process.argv.slice(2);
const schema = parse(schemaFile);
const Draft = schema.$schema?.includes("2020-12") ? Ajv2020 : Ajv;
// A keyword or a format that is unknown judges nothing, and nobody would notice. What ajv finds strange in types and tuples is taste.
const ajv = new Draft({ allErrors: true, strictSchema: true, strictTypes: false, strictTuples: false });
addFormats.default(ajv);
// Read by editors alone: VS Code and what is made of its JSON language service.
ajv.addVocabulary(["defaultSnippets", "errorMessage", "patternErrorMessage"]);
const validate = ajv.compile(schema);

// A member that is missing, not known or not to be called so is where the error is, and not the object that it belongs to.
const pointer = ({ instancePath, propertyName, params }) => {
  const member = params.missingProperty ?? params.additionalProperty ?? params.propertyName ?? propertyName;
  return member === undefined ? instancePath || "/" : `${instancePath}/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`;
};

const judge = (file) => {
  let instance;
  try {
    instance = parse(file);
  } catch (error) {
    return { file, judgement: "Unreadable", messages: [error.message] };
  }
  if (validate(instance))
    return { file, judgement: "Valid", messages: [] };
  // That an "if" had a "then" says nothing: what the "then" asks for is among the errors itself.
  const errors = validate.errors.filter((error) => error.keyword !== "if");
  return { file, judgement: "Invalid", messages: errors.map((error) => `${pointer(error).replaceAll(" ", "%20")} ${error.message}`.toWellFormed()) };
};

writeFileSync(verdictsFile, JSON.stringify(parse(listFile).map(judge)));
