// A format for ESLint: a line for each report and one with the number of files, and none of the source, which its own
// JSON repeats.
export default (results) =>
  [
    ...results.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId, line, fatal }) => ({ path: filePath, line, rule: ruleId, fatal: fatal ?? false }))
    ),
    { files: results.length },
  ].map((row) => JSON.stringify(row)).join('\n');
