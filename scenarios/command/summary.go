package command

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// summarise adds Markdown to the summary of a GitHub workflow step, when there is
// one: GITHUB_STEP_SUMMARY names the file, to which every command of a step appends.
func summarise(render func(io.Writer) error) error {
	name := os.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := render(&text); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return usage{fmt.Errorf("write the step summary: %w", err), "unset GITHUB_STEP_SUMMARY to do without"}
	}
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return fmt.Errorf("write the step summary %s: %w", name, err)
	}
	return f.Close()
}
