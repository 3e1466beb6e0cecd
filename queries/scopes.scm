; Regions of a file that matter for names and for control flow.

; Functions of every form. A function's region holds its parameters.
(function_declaration) @function
(generator_function_declaration) @function
(function_expression) @function
(generator_function) @function
(arrow_function) @function
(method_definition) @function

; Classes of every form.
(class_declaration) @class
(abstract_class_declaration) @class
(class) @class

; Blocks, loops and branches.
(statement_block) @block
(for_in_statement) @loop
(for_statement) @loop
(while_statement) @loop
(do_statement) @loop
(if_statement) @if
(try_statement) @try
(switch_case) @case
(switch_default) @case
(internal_module) @block
