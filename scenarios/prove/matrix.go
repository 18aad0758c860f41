package prove

// Cell is one deploy of a matrix: a strategy with a mode.
type Cell struct {
	Strategy string `json:"strategy"`
	Mode     string `json:"mode"`
	// Letters are s/S STALE, a/A AHEAD, m/M MISSING, t/T TORN, P STALEPAGE;
	// capital when sticky. "ok" when all that is excluded is proved, "?" added
	// when something is unknown.
	Letters  string    `json:"letters"`
	States   int       `json:"states"`
	Verdicts []Verdict `json:"verdicts"`
}

// Grid is a matrix: strategies down, modes across.
type Grid struct {
	CDN        string   `json:"cdn"`
	Strategies []string `json:"strategies"`
	Modes      []string `json:"modes"`
	Cells      [][]Cell `json:"cells"` // [strategy][mode]
}
