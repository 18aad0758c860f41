package report

import (
	"fmt"
	"strings"
)

// Section is facts beside the verdicts, such as what a release costs.
type Section struct {
	Title string `json:"title"`
	Facts []Fact `json:"facts"`
}

// Fact is one line of a section: a name, and a text that needs no full stop.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// sections writes facts below the tables.
func (p *printer) sections(list []Section) {
	for _, s := range list {
		p.line("")
		p.head(clean(s.Title))
		for _, f := range s.Facts {
			p.wrap("  ", clean(f.Name+": "+f.Text))
		}
	}
}

func markSections(out *strings.Builder, list []Section) {
	for _, s := range list {
		fmt.Fprintf(out, "\n### %s\n\n", mark(s.Title))
		for _, f := range s.Facts {
			fmt.Fprintf(out, "- **%s**: %s\n", mark(f.Name), mark(f.Text))
		}
	}
}
