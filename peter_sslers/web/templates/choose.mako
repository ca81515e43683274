<%doc>What stands below a list with check boxes: the deed that is done to those that are checked.</%doc>
<%def name="submit(page, choosing)">
<%
    action = next(a for a in page.parent.actions if a.name == choosing.action)
    every = ui.fields(action)[choosing.all_field]
%>\
  <fieldset>
    <legend>${action.label}</legend>
    % for effect in (action.consequences(page.parent_object) if action.consequences else ()):
    <p>${effect}</p>
    % endfor
    <div class="choice"><input type="checkbox" id="f-${choosing.all_field}" name="${choosing.all_field}" value="1"> <label for="f-${choosing.all_field}">${every.label}</label></div>
    % if action.danger:
    <div class="choice"><input type="checkbox" id="sure" name="sure" value="yes" required> <label for="sure">Yes, I want this</label></div>
    % endif
    <div class="submit"><button class="${'danger-button' if action.danger else 'primary big'}">${action.label}</button></div>
  </fieldset>
</%def>
