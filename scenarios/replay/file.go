package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// MaxReportBytes is the largest report that counterexamples are read from; that of the
// built-in site has 4 MB.
const MaxReportBytes = 256 << 20

// ReadAny reads the stories in a trace file, of which there is one, or in a report of
// prove --json: its counterexamples in the order in which they stand there.
func ReadAny(r io.Reader) ([]Story, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxReportBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxReportBytes {
		return nil, fmt.Errorf("larger than %d bytes, the most a report may have", MaxReportBytes)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err == nil && head.Schema == report.Schema {
		return readReport(text)
	}
	s, err := read(text)
	return []Story{s}, err
}

// readReport takes from a report what a story needs.
func readReport(text []byte) ([]Story, error) {
	var r struct {
		Grids []struct {
			Cells [][]struct {
				Strategy string        `json:"strategy"`
				Mode     string        `json:"mode"`
				Deploy   *prove.Deploy `json:"deploy"`
				Verdicts []prove.Verdict
			} `json:"cells"`
		} `json:"grids"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, placed(err, text, 0)
	}
	var all []Story
	for i, g := range r.Grids {
		for _, row := range g.Cells {
			for _, c := range row {
				if c.Deploy == nil {
					return nil, fmt.Errorf("grids[%d]: the cell of %s deployed as %s does not say which deploy it is about: write the report again", i, c.Strategy, c.Mode)
				}
				all = append(all, Counterexamples(*c.Deploy, c.Verdicts)...)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the report has no counterexample: everything in it is proved")
	}
	for i := range all {
		if err := all[i].Check(); err != nil {
			return nil, fmt.Errorf("counterexample %d: %w", i+1, err)
		}
	}
	return all, nil
}

// Counterexamples are the stories of a deploy's verdicts, but for S5, which repeats S1.
func Counterexamples(d prove.Deploy, verdicts []prove.Verdict) []Story {
	var all []Story
	for _, v := range verdicts {
		if v.Status != prove.Refuted || v.Property == prove.Settling || len(v.Trace.Events) == 0 {
			continue
		}
		all = append(all, Of(fmt.Sprintf("%s, %s %s", d.Name, v.Property, stickiness(v)), d, v))
	}
	return all
}

func stickiness(v prove.Verdict) string {
	if v.Sticky {
		return string(v.Class) + " sticky"
	}
	return string(v.Class)
}
