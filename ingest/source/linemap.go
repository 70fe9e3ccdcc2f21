package source

import "sort"

// LineMap tells on which physical line each record of a chunk begins.
//
// It holds one 8-byte entry per run of records on consecutive lines, so a
// chunk without faults and line breaks in fields needs a single one. The zero
// value maps nothing.
type LineMap struct {
	base    int64 // line of record 0
	records int64
	runs    []lineRun
}

// lineRun says that the records from record on stand on consecutive lines from
// base+offset on.
type lineRun struct{ record, offset uint32 }

// Len returns the number of records.
func (m *LineMap) Len() int64 { return m.records }

// Line returns the physical line, from 1, on which record i begins, or 0 if i
// is not in [0, Len).
func (m *LineMap) Line(i int64) int64 {
	if i < 0 || i >= m.records {
		return 0
	}
	at := sort.Search(len(m.runs), func(k int) bool { return int64(m.runs[k].record) > i }) - 1
	run := m.runs[at]
	return m.base + int64(run.offset) + i - int64(run.record)
}

// add appends n records that stand on consecutive lines from line on.
func (m *LineMap) add(line, n int64) {
	if m.records == 0 {
		m.base = line
		m.runs = append(m.runs[:0], lineRun{})
	} else if last := m.runs[len(m.runs)-1]; m.base+int64(last.offset)+m.records-int64(last.record) != line {
		// Both fit: spooler.endBlock ends the chunk before.
		m.runs = append(m.runs, lineRun{record: uint32(m.records), offset: uint32(line - m.base)})
	}
	m.records += n
}
