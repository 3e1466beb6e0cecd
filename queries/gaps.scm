; Trees that are wrong without an ERROR.

; A tagged template with a simple type argument, f<Row>`…`, is read as the comparison (f < Row) > `…`.
(binary_expression
  left: (binary_expression operator: "<")
  operator: ">"
  right: (template_string)) @misread

; Behind an arrow, f<Row[]>`…` is read as a template that follows the whole function.
(call_expression
  function: (arrow_function)
  arguments: (template_string)) @misread
