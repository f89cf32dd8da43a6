"""Reports, all from one model: terminal, HTML, JSON, JUnit, TAP, SARIF, badge."""
